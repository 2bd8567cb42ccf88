// Listeners that the application has shut down. shutdown(2) is for the socket, not for a descriptor: whoever
// holds it is refused with it, and systemd gives its unit up as soon as it looks.
#pragma once

#include "listeners.h"
#include <systemd/sd-event.h>

// Has a listener listen again. Returns 1 if it was shut down, 0 if not, -errno if it stays so: -EOPNOTSUPP
// for a UNIX one, which the kernel lets nobody undo.
int reopen_listener(const struct listeners *listeners, size_t index);

// Does so while the application goes on, or others serve on the socket.
struct reopening {
        const struct listeners *listeners;
        void (*on_shut_down)(void *context, size_t index, int r); // as reopen_listener() returned it
        void *context;
        sd_event_source *watches[LISTENERS_MAX];
        sd_event_source *timer;
};

// The members without a comment of their own are zero before. Returns 0 or -errno.
int reopening_begin(struct reopening *reopening, sd_event *event);
void reopening_end(struct reopening *reopening);
