// The UNIX sockets of this network namespace, as the kernel tells them: sock_diag(7).
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

enum { UNIX_NAME_MAX = sizeof(((struct sockaddr_un *) 0)->sun_path) };

struct unix_socket {
        uint32_t inode;
        uint32_t peer;                // its inode; 0: not connected, or to nobody any more
        uint8_t type;                 // SOCK_STREAM and so on
        uint8_t shut;                 // SHUT_RD + 1 and SHUT_WR + 1, or-ed
        char name[UNIX_NAME_MAX + 1]; // an abstract one begins with '@'; empty: none
};

// Returns 0 with an array that the caller frees, or -errno.
int unix_diag_list(struct unix_socket **ret, size_t *ret_n);
