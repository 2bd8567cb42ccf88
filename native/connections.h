// Connections of the application's processes over UNIX sockets to somebody outside. CRIU dumps no half of
// one.
#pragma once

#include "refusal.h"
#include <stdbool.h>
#include <sys/types.h>

// `proc` is a procfs that shows the caller's PID namespace, `pid` the root of the application's processes.

// Returns 0 if there is none, or -1 with the refusal, which names one.
int connections_refuse(int proc, pid_t pid, struct refusal *ret);

// Shuts each down, as if the other side had done so, and waits until that has closed its end. Where the
// application connects anew meanwhile, or at once if it `hides`, the address is hidden from it for good: the
// caller is in its mount namespace, and its end is near. Returns 0 when no connection is left, or -1 with
// the refusal.
int connections_shut(int proc, pid_t pid, bool hides, struct refusal *ret);
