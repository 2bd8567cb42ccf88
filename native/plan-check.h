// Reads a plan from disk and judges whether its snapshot may serve here and now.
#pragma once

#include "criu.h"
#include "plan.h"
#include "refusal.h"

struct plan_expectation {
        const char *application;
        const char *configuration;
        const char *snapshot; // NULL: any
        const struct criu *criu;
};

// DIRECTORY/plan. Returns 0, or -errno with the refusal.
int plan_load(const char *directory, struct plan *ret, struct refusal *ret_refusal);

// Somebody chose this very snapshot: `pin` leads to it.
bool plan_is_pinned(const struct plan *plan);

// Returns 0 or -ESTALE with the refusal.
int plan_check(const struct plan *plan, const struct plan_expectation *expected,
               struct refusal *ret_refusal);
