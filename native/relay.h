// One stream of the application's output, from its pipe to where systemd connected ours.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

enum { RELAY_BUFFER_SIZE = 65536 };

struct relay {
        int source; // read end of the pipe, non-blocking; closed at its end
        int sink;   // a descriptor of its own
        bool sink_is_socket;
        sd_event_source *readable; // NULL: the pipe is at its end
        sd_event_source *writable; // NULL: the sink never makes us wait
        size_t left; // what is read at most from here on; SIZE_MAX while somebody of ours may write
        void (*on_dry)(void *context); // NULL: nobody waits
        void *context;
        size_t begin;
        size_t end;
        char buffer[RELAY_BUFFER_SIZE];
};

// Takes the source over. What the sink does not take is kept, and the pipe not read while the buffer is
// full: a slow journal slows the application, as it would without us. A sink that is broken swallows all.
int relay_start(struct relay *relay, sd_event *event, int source, int sink);

// All who wrote must be dead. What they have left is moved as the sink takes it, and no more than that:
// somebody outside may hold the pipe, too, and go on to write. Calls on_dry, from the event loop, once there
// is nothing left to move; if relay_is_dry() already, not at all. That may end the relay.
void relay_drain(struct relay *relay, void (*on_dry)(void *context), void *context);

// Is there nothing left to move, and will nothing come?
bool relay_is_dry(const struct relay *relay);

// The same, waiting for the sink as long as it takes, and closes the source.
void relay_finish(struct relay *relay);
