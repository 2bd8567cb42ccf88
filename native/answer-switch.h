// The requests `switch` and `settle`.
#pragma once

#include "request.h"
#include "serve.h"

// Answers when the new generation runs, or does not.
void answer_switch(struct serve *serve, const struct request *request, struct control_client *client);
// A service that stops has no use for a next generation.
void answer_cancel_switch(struct serve *serve);

// Answers when nothing is left of the generations that were replaced, or after a while.
void answer_settle(struct serve *serve, struct control_client *client);
// They have all ended.
void answer_settled(struct serve *serve);
