// The steps of a restore: which snapshots to try, and what is done with one of them. Whoever takes the steps
// waits between the order and the conclusion in a way of his own.
#pragma once

#include "launch.h"

enum {
        // Activate is sent before anything else; an activator that takes longer than this is not waited for.
        ANSWER_TIMEOUT_US = 200 * 1000
};

// Those of the activator, whose answer is awaited until the deadline, or what is published. The outcome says
// which.
void restore_list_rungs(struct launch *launch, uint64_t deadline_us, struct rungs *ret);

// Opens the launch's cell, if it has none, with namespaces.
int restore_open_cell(struct launch *launch, enum phase *ret_phase);

// Judges the snapshot; opens a cell if it may serve.
int restore_prepare(struct launch *launch, const struct rung *rung, struct plan *ret,
                    struct refusal *ret_refusal);

// Sets up the listeners and gives the order. If this or what follows fails, the cell is of no more use, and
// the listeners are not what they were.
int restore_order(struct launch *launch, const struct rung *rung, const struct plan *plan,
                  struct refusal *ret_refusal);

// When init must have reported; on CLOCK_MONOTONIC, from now.
uint64_t restore_deadline(const struct plan *plan);

// What cell_await() made of it. Returns 0 when the application runs.
int restore_conclude(struct launch *launch, const struct plan *plan, int error, const struct report *report,
                     struct refusal *ret_refusal);

// Remembers a rung that did not hold.
void restore_remember(struct launch *launch, const struct rung *rung, const struct refusal *refusal);

// /run/grenadine/work/UNIT/, where criu leaves its logs.
int restore_make_work_directory(const struct launch *launch);
