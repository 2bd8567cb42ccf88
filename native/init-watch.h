// What is left for init to do once the application runs.
#pragma once

#include "init-state.h"

// Reaps all there is to reap. Returns true when `awaited` was among it.
bool reap(struct init *init, pid_t awaited, int *ret_status);

// Until the main process has us killed: it may still have business in these namespaces, a criu that dumps.
_Noreturn void init_watch(struct init *init);
