// A criu dump of the application, from inside its namespaces, beside the main process's other work.
#pragma once

#include "criu.h"

struct dump {
        pid_t pid; // of the child that waits for criu; 0: no dump is under way
        int pidfd;
        uint64_t started_us;
        bool leave_running;
};

// Starts it. `dump` says what criu is to do; init_pidfd whose namespaces to enter.
int dump_start(const struct criu_dump *criu, int init_pidfd, struct dump *ret);

// After the pidfd became readable: true when criu succeeded. Forgets the dump.
bool dump_finish(struct dump *dump);

// Ends a dump that took too long; its pidfd becomes readable.
void dump_cancel(const struct dump *dump);
