// How the application came up: what the operator, the activator and the benchmark are told.
#pragma once

#include "bounds.h"
#include "refusal.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failed_rung {
        char snapshot[SNAPSHOT_ID_LENGTH + 1];
        struct refusal refusal;
};

struct outcome {
        bool restored;
        bool switched;                         // beside an older generation: replaced, or else kept
        bool pinned;                           // somebody chose that snapshot
        char snapshot[SNAPSHOT_ID_LENGTH + 1]; // of a restore
        const char *answer;     // who named the snapshots: activator, plan, none; NULL: not asked
        struct refusal silence; // why the activator has not; without a code: it has, or that was told
        struct refusal reason;  // of a cold boot, or why nothing was replaced
        struct failed_rung failed[LADDER_MAX];
        size_t n_failed;
        size_t n_failed_told;         // in the journal
        struct refusal plain;         // of a cold boot without namespaces, why; without a code: it has some
        struct refusal after_restore; // what of AfterRestore= failed last; without a code: nothing
        uint64_t realtime_us;         // CLOCK_REALTIME at the start, of the launcher or of the switch
        uint64_t start_us;            // the same on CLOCK_MONOTONIC, as are the others
        uint64_t answered_us;
        uint64_t namespaces_us;
        uint64_t criu_start_us; // 0: no restore
        uint64_t criu_us;       // 0: no restore
        uint64_t ready_us;
};

// One key and value of an outcome.
typedef int (*outcome_visitor)(void *context, const char *key, const char *value);

// Calls the visitor for every pair, "failed" once for each rung. Stops at the first negative answer and
// returns it.
int outcome_visit(const struct outcome *outcome, outcome_visitor visit, void *context);

// Replaces /run/grenadine/outcome/NAME as a whole. Returns 0 or -errno.
int outcome_write(const struct outcome *outcome, const char *application);
