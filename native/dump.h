// A criu dump of the application, from inside its namespaces, beside the main process's other work.
#pragma once

#include "cell.h"
#include "refusal.h"

struct dump {
        pid_t pid; // of the child that waits for criu; 0: no dump is under way
        int pidfd;
        int refusals; // from the child: why criu was not even begun
        uint64_t started_us;
        bool leave_running;
};

// Starts it. `criu` says what criu is to do; the cell, whose namespaces to enter.
int dump_start(const struct criu_dump *criu, const struct cell *cell, struct dump *ret);

// After the pidfd became readable: true when criu succeeded. The refusal has no code where criu failed and
// its log says how. Forgets the dump.
bool dump_finish(struct dump *dump, struct refusal *ret);

// Ends a dump that took too long; its pidfd becomes readable.
void dump_cancel(const struct dump *dump);
