// How long something is waited for that may be hung. The time for which the host has kept it from a
// processor or from the disk does not count: fifty that are restored at once are no sign that one of them
// never will be.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// All on CLOCK_MONOTONIC, in microseconds.
struct allowance {
        uint64_t deadline_us;
        uint64_t last_us;    // of all deadlines
        uint64_t granted_us; // of what was waited for a processor
};

struct allowance allowance_begin(uint64_t duration_us);

// What may pass until the last deadline.
uint64_t allowance_longest(uint64_t duration_us);

// Once the deadline has passed: is there a later one, for what the processes of a PID namespace had to wait?
// `proc` is where its procfs is mounted. Init of the namespace is not looked at.
bool allowance_extend(struct allowance *allowance, const char *proc);

// Has the last deadline passed? Then it was the host that took the time.
bool allowance_is_used_up(const struct allowance *allowance);
