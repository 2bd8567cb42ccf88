// What is done beside the application: on request, and after a restore.
#pragma once

#include "request.h"
#include "serve.h"

void answer_run(struct serve *serve, const struct request *request, struct control_client *client);

// Begins what the snapshot that serves has for after its restore, if it has anything, in the place of what
// is still done of an earlier one.
void answer_hooks_begin(struct serve *serve);
void answer_hooks_cancel(struct serve *serve);
