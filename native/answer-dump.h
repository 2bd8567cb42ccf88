// The request `dump`.
#pragma once

#include "request.h"
#include "serve.h"

// Answers when criu has ended, or at its deadline.
void answer_dump(struct serve *serve, const struct request *request, struct control_client *client);
