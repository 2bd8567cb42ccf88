// Generations that were replaced: they got their stop signal and finish what they have in flight.
#pragma once

#include "generation.h"

struct retired;

struct retirement {
        sd_event *event;
        struct retired *first; // NULL: nobody is left
        void (*on_empty)(void *context);
        void *context;
};

// Sends the signal and takes the generation over. It goes when it has ended, and is killed after the
// timeout, which is UINT64_MAX for none.
void retire(struct retirement *retirement, struct generation *generation, int signal, uint64_t timeout_us);

// Ends those that are left; calls nobody.
void retirement_end(struct retirement *retirement);
