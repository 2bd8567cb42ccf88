// Who waits in the accept queues of the listeners, as the kernel tells it: sock_diag(7). No connection is
// touched.
#pragma once

#include "listeners.h"

// The queues at one time.
struct queue {
        uint64_t at_us;
        uint32_t
            first[LISTENERS_MAX]; // of a UNIX listener: the inode of the first client's socket; 0: nobody
};

void queue_remember(const struct listeners *listeners, struct queue *ret);

// Is somebody still not accepted who waited then? Queues are served in order: if so, nobody has been since.
// Where the kernel does not tell, nobody waits.
bool queue_still_waits(const struct listeners *listeners, const struct queue *then);
