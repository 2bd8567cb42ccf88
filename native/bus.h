// The activator, over D-Bus: one question before the start, one report after it.
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
        int error; // of the answer
        struct ladder ladder;
};

// Sends Activate and returns at once.
int bus_ask(struct bus *bus, const char *application, const char *configuration);

// Waits for the answer. Returns 0, or -ETIMEDOUT, or why there is none.
int bus_await(struct bus *bus, uint64_t deadline_us, struct ladder *ret);

// Sends Report, wants no reply, and gives up on a bus that does not take it.
int bus_report(struct bus *bus, const char *application, const struct outcome *outcome,
               uint64_t deadline_us);

void bus_close(struct bus *bus);
