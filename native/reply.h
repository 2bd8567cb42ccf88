// The shapes of replies that several requests have.
#pragma once

#include "control.h"
#include <stdint.h>

void reply_error(struct control_client *client, const char *code, const char *text);
// How long it took, from a moment on CLOCK_MONOTONIC until now.
void reply_ms(struct control_client *client, uint64_t started_us);
