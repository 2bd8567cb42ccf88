// One stream of the application's output, from its pipe to where systemd connected ours.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

enum { RELAY_BUFFER_SIZE = 65536 };

struct relay {
        int source; // read end of the pipe, non-blocking; closed at its end
        int sink;
        bool sink_is_socket;
        sd_event_source *readable; // NULL: the pipe is at its end
        sd_event_source *writable; // NULL: the sink never makes us wait
        size_t begin;
        size_t end;
        char buffer[RELAY_BUFFER_SIZE];
};

// Takes the source over. What the sink does not take is kept, and the pipe not read while the buffer is
// full: a slow journal slows the application, as it would without us. A sink that is broken swallows all.
int relay_start(struct relay *relay, sd_event *event, int source, int sink);

// Moves what is left, waiting for the sink as long as it takes, and closes the source. All who wrote must be
// dead.
void relay_finish(struct relay *relay);
