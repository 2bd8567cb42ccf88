// Where a start can fail. The number travels from the new namespaces to the main process, which renders it.
#pragma once

#include "exit-status.h"

enum phase {
        PHASE_NONE,
        PHASE_CLONE,
        PHASE_CHANNEL,
        PHASE_DESCRIPTORS,
        PHASE_PROPAGATION,
        PHASE_BIND,
        PHASE_PIVOT,
        PHASE_DETACH,
        PHASE_PROC,
        PHASE_PID_FLOOR,
        PHASE_MEMORY,
        PHASE_SEED,
        PHASE_SHELTER,
        PHASE_FILES,
        PHASE_CRIU,
        PHASE_DEADLINE,
        PHASE_SESSION,
        PHASE_STDIO,
        PHASE_FILTER,
        PHASE_GROUP,
        PHASE_USER,
        PHASE_DIRECTORY,
        PHASE_ENVIRONMENT,
        PHASE_EXEC,
        PHASE_COUNT,
};

// What was being done, as the end of a sentence that starts with "failed to".
const char *phase_text(enum phase phase);

// The code that outcomes carry for a restore that failed there.
const char *phase_code(enum phase phase);

// The launcher's exit status when a cold boot failed there.
enum exit_status phase_exit_status(enum phase phase);
