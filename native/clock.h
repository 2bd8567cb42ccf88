// The two clocks that outcomes are told in; both in microseconds.
#pragma once

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_us(clockid_t clock)
{
        struct timespec now = {0};
        (void) clock_gettime(clock, &now);
        return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

static inline uint64_t monotonic_us(void)
{
        return clock_us(CLOCK_MONOTONIC);
}

// What is left until a moment on CLOCK_MONOTONIC, rounded up to milliseconds, for poll(2).
static inline int ms_until(uint64_t deadline_us)
{
        uint64_t now = monotonic_us();
        return now >= deadline_us ? 0 : (int) ((deadline_us - now + 999) / 1000);
}
