// A command that is run beside the application.
#pragma once

#include "cell.h"
#include "refusal.h"

// Beside whom.
struct hook_place {
        const struct cell *cell;
        pid_t application; // as seen from inside
        const sigset_t *signal_mask;
};

// Runs the words of a HOOK_COMMAND in the application's namespaces, as its user, in its directory, and waits
// for it. What it leaves behind in its process group is killed. Returns 0, or -1 with the refusal when it
// could not be run, failed, or had not ended at the deadline.
int hook_command(const struct hook_place *place, const char *text, uint64_t deadline_us,
                 struct refusal *ret_refusal);
