// D-Bus: one question to the activator before a start, one report after it; and what systemd knows of a
// unit.
#pragma once

#include "bounds.h"
#include "outcome.h"
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

// The snapshots that may serve, best first; when none of them does, a cold boot.
struct ladder {
        char snapshots[LADDER_MAX][SNAPSHOT_ID_LENGTH + 1];
        size_t n;
};

struct bus {
        sd_bus *connection; // NULL: none
        bool answered;
        int error; // of the question, or of the answer
        struct ladder ladder;
        void (*on_answer)(void *context); // NULL: it is waited for
        void *context;
        sd_event *event; // goes on with what the bus has not taken in time; NULL: nobody does
};

// Sends Activate and returns at once.
int bus_ask(struct bus *bus, const char *application, const char *configuration);

// After bus_ask(): has the event loop wait, and the callback called when bus_await() will not have to. The
// struct must stay where it is until bus_close().
int bus_watch(struct bus *bus, sd_event *event, void (*on_answer)(void *context), void *context);

// Waits for the answer: until the deadline, and at least for a tenth of a second once the question has left,
// for authentication may have taken until then, and we, too. Returns 0, or why there is none: -ETIMEDOUT,
// -EBADMSG if it names no snapshots, -ENXIO or -EHOSTUNREACH if nobody has the activator's name, -EBADR if
// who has it knows no such method, and else what is wrong with the bus.
int bus_await(struct bus *bus, uint64_t deadline_us, struct ladder *ret);

// Sends Report, wants no reply, and at the deadline leaves it to bus_linger(), or gives up.
int bus_report(struct bus *bus, const char *application, const struct outcome *outcome,
               uint64_t deadline_us);

// Has the event loop send what is left of this report and of those to come; NULL before the loop is freed.
void bus_linger(struct bus *bus, sd_event *event);

// How systemd stops a unit: KillSignal= and TimeoutStopSec=, UINT64_MAX for ever.
struct bus_stop {
        int signal;
        uint64_t timeout_us;
};

// Asks systemd, waiting some seconds at most. Returns 0, or -errno with *ret untouched.
int bus_get_stop(const char *application, struct bus_stop *ret);

void bus_close(struct bus *bus);
