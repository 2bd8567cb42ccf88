// A running application: its cell, the relays of its output, and how it came up. There is one, but for the
// time in which an older one finishes its work.
#pragma once

#include "launch.h"
#include "relay.h"

struct generation {
        struct cell cell;
        enum launch_how how;
        pid_t application; // as seen from inside
        struct relay out;
        struct relay err;
        sd_event_source *reports;
};

// Takes the application over that the launch has brought up, relays its output, and has init's reports read
// by `on_report`. On failure nothing of it is left.
int generation_take(struct launch *launch, sd_event *event, sd_event_io_handler_t on_report, void *userdata,
                    struct generation **ret);

// Once its init is dead: passes on its last words in the event loop, which calls on_dry after each stream
// that has come to its end.
void generation_drain(struct generation *generation, void (*on_dry)(void *context), void *context);
bool generation_is_dry(const struct generation *generation);

// Ends what is left of it, then passes on its last words, waiting for whoever takes them.
struct generation *generation_end(struct generation *generation);
