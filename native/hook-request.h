// A request that the application is sent once it was restored.
#pragma once

#include "refusal.h"
#include <stdint.h>

// Sends METHOD PATH HOST, in HTTP, to whoever listens on that socket. Returns 0, or -1 with the refusal when
// it is not answered with a status below 400 before the deadline.
int hook_request(int listener, const char *text, uint64_t deadline_us, struct refusal *ret_refusal);
