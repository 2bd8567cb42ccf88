// One start of an application: what its phases share.
#pragma once

#include "bus.h"
#include "cell.h"
#include "outcome.h"
#include "queue.h"

enum launch_how {
        HOW_NONE,
        HOW_COLD,
        HOW_RESTORED,
        HOW_BAKE,
        HOW_PROVE,
};

// A snapshot as a rung of the ladder.
struct rung {
        char directory[PATH_MAX];              // where its plan is
        char snapshot[SNAPSHOT_ID_LENGTH + 1]; // empty for a draft: whatever the plan says
        bool is_vouched_for;                   // by the activator, which watches the files that it maps
        bool is_draft;                         // the images lie beside the plan, not in the store
};

struct rungs {
        struct rung rungs[LADDER_MAX];
        size_t n;
};

struct launch {
        struct options options;
        struct listeners listeners;
        sigset_t signal_mask; // as systemd gave it to us
        struct criu criu;     // .path NULL: not installed
        struct bus bus;
        struct cell cell;    // until a generation takes it over
        enum launch_how how; // as what the application in the cell came up
        pid_t application;   // as seen from inside
        struct outcome outcome;
        struct rungs rungs;
        size_t at;            // the rung that serves, or is to be tried next
        struct queue queue;   // before the last restore
        uint64_t patience_us; // how long whoever waits for a restored application may go without it
        struct hook hooks[PLAN_HOOKS_MAX]; // of the snapshot that serves
        size_t n_hooks;
};

// Why no application came up.
struct launch_failure {
        enum exit_status exit_status;
        struct refusal refusal;
};

// The service's way: down the ladder, at last the cold boot. Returns 0, or -1 when that failed, too.
int launch_service(struct launch *launch, struct launch_failure *ret_failure);

// The same from the next rung on: what the last one had brought up is gone, and this is why.
int launch_next(struct launch *launch, const struct refusal *why, struct launch_failure *ret_failure);

// The bake's ways: a cold boot, when it is asked for;
int launch_bake(struct launch *launch, struct refusal *ret_refusal);

// and the restore of the snapshot in a directory. Both on fresh scratch listeners. Returns 0, or -1 with the
// refusal.
int launch_prove(struct launch *launch, const char *directory, struct refusal *ret_refusal);
