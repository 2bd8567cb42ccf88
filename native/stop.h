// Which of the signals that pass through are those of a stop.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct stop {
        int signal; // the last one, but for SIGCONT; 0: none
        uint64_t signalled_us;
        uint64_t continued_us; // when SIGCONT came; 0: never
        bool is_told;          // by these two
};

// Notes a signal. Returns whether a stop is known of by now.
bool stop_note(struct stop *stop, int signal);
