// A switch: a snapshot is restored in a second cell, beside the generation that runs, on the same sockets.
#pragma once

#include "launch.h"
#include <systemd/sd-event.h>

struct switching;

// Called from the event loop, once. Without a refusal the application runs in switching_launch().
typedef void (*switching_done)(void *context, const struct refusal *refusal);

// Returns at once. The running launch is read, not changed; the next generation is of `configuration`, which
// may be a newer one.
int switching_start(const struct launch *running, const char *configuration, sd_event *event,
                    switching_done done, void *context, struct switching **ret, struct refusal *ret_refusal);

// The new generation's launch, with the listeners as they are now.
struct launch *switching_launch(struct switching *switching);

// Before it is done: ends the new cell and puts back what the running generation had. After a success it
// must have been taken over.
struct switching *switching_free(struct switching *switching);
