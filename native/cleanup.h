// Scope-bound release of descriptors and memory; no policy and no I/O of its own.
#pragma once

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

// A descriptor that is not open. Distinct from -1 so that a forgotten initialization cannot pass for it.
#define FD_NONE (-EBADF)

static inline void close_at_scope_end(int *fd)
{
        if (*fd >= 0)
                (void) close(*fd);
        *fd = FD_NONE;
}

// Hands the descriptor to the caller; the scope end will not close it.
static inline int steal_fd(int *fd)
{
        int taken = *fd;
        *fd = FD_NONE;
        return taken;
}

static inline void free_at_scope_end(void *pointer)
{
        free(*(void **) pointer);
}

#define _cleanup_close_ __attribute__((cleanup(close_at_scope_end)))
#define _cleanup_free_ __attribute__((cleanup(free_at_scope_end)))
