// The processes of an application, as the procfs `proc` shows them: that of the caller's PID namespace.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// The child of `init` that has the number `inside` in the innermost of its PID namespaces. Returns 0 or
// -ESRCH.
int tree_find_root(int proc, pid_t init, pid_t inside, pid_t *ret);

// One open file of one process.
struct tree_descriptor {
        pid_t pid;
        int fd;
        const char *target; // as readlink(2) tells it, cut after 63 bytes: socket:[INODE] and the like
};

// Calls `visit` for those of a process and of all that descend from it, until it returns something else than
// 0. Returns that, or 0.
int tree_each_descriptor(int proc, pid_t pid,
                         int (*visit)(const struct tree_descriptor *descriptor, void *userdata),
                         void *userdata);

// A socket, and a descriptor of it.
struct tree_socket {
        uint32_t inode;
        pid_t pid;
        int fd;
};

// In the order of their inodes; one that has several descriptors is in there several times.
struct tree_sockets {
        struct tree_socket *sockets;
        size_t n;
        size_t capacity;
};

// Those of a process and of all that descend from it. Returns 0 with an array that the caller frees, or
// -errno.
int tree_list_sockets(int proc, pid_t pid, struct tree_sockets *ret);

// NULL: nobody in there holds it.
const struct tree_socket *tree_find_socket(const struct tree_sockets *list, uint32_t inode);
