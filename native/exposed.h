// Files of a snapshot that lie where somebody but root may put another in their place: opened for criu, with
// the rights of who held them.
#pragma once

#include "plan.h"

struct exposed_failure {
        uint32_t file;
        int error; // errno; ELOOP: a link is in the way; ESTALE: it is not the file that was dumped
};

// Opens all of them, in their order; the descriptors close on exec. Returns 0 or -errno with *ret_failure.
// To be called in a child that executes criu next: what prctl(2) set for the case of the parent's death is
// gone afterwards, and on failure so are descriptors and rights.
int exposed_open(const struct plan_restore *plan, int ret_fds[static PLAN_FILES_MAX],
                 struct exposed_failure *ret_failure);
