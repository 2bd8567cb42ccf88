// What the control socket's requests come to.
#pragma once

#include "serve.h"

// A control_receiver; the context is the struct serve.
void answer_request(void *context, struct control_client *client, char *line);

// Nothing is left of the generations that were replaced.
void answer_settled(struct serve *serve);

// A service that stops has no use for a next generation.
void answer_cancel_switch(struct serve *serve);
