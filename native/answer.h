// What the control socket's requests come to.
#pragma once

#include "serve.h"

// A control_receiver; the context is the struct serve.
void answer_request(void *context, struct control_client *client, char *line);
