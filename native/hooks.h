// Hooks that are done one after the other, beside everything else.
#pragma once

#include "hook-command.h"
#include "hook.h"
#include <stdbool.h>

struct hooks {
        pid_t pid; // 0: none are under way
        int pidfd; // readable when they are done
        int refusals;
};

// Begins them in a child, in order; a failure does not keep the next ones from being done.
int hooks_start(const struct hook *hooks, size_t n, const struct hook_place *place, struct hooks *ret);

// Takes the next of the failures, when they are done.
bool hooks_refusal(const struct hooks *hooks, struct refusal *ret);

// Ends what is still under way, and forgets it.
void hooks_end(struct hooks *hooks);
