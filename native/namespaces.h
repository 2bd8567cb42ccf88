// New PID and mount namespaces: made, furnished, entered.
#pragma once

#include "phase.h"
#include <sys/types.h>

// Forks a child that is PID 1 of a new PID namespace, in a new mount namespace. Returns its PID to the
// caller and 0 to the child, or -errno.
pid_t namespaces_clone(int *ret_pidfd);

// Forks within the namespaces at hand, with a pidfd. Same answer.
pid_t fork_with_pidfd(int *ret_pidfd);

// In the child: a root of its own by pivot_root and a /proc of its own. On failure also says where.
int namespaces_enter_root(enum phase *ret_phase);

// In there: puts an empty file system with room for one small file over SEED_DIRECTORY, for this mount
// namespace alone.
int namespaces_mount_seed(void);

// In there: shows a directory of images at MEMORY_DIRECTORY, to this mount namespace alone.
int namespaces_mount_memory(const char *images);

// In there: shows a file, NULL for itself, in the place of an open one.
int namespaces_cover(int fd, const char *with);

// Moves the caller's future children into the PID namespace of a process, and the caller into its mount
// namespace.
int namespaces_join(int pidfd);
