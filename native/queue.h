// Who waits in the accept queues of the listeners, as the kernel tells it: sock_diag(7). No connection is
// touched.
#pragma once

#include "listeners.h"

// The queues at one time.
struct queue {
        uint64_t at_us;
        uint32_t waiting[LISTENERS_MAX]; // how many
        uint32_t first[LISTENERS_MAX];   // of a UNIX listener: the inode of the first client's socket
};

// Takes microseconds where nobody waits, and little more where somebody does.
void queue_remember(const struct listeners *listeners, struct queue *ret);

// Did somebody wait then, and is nobody of all those accepted yet? Queues are served in order, so nobody at
// all has been since. Nor may a connection of any other listener be accepted and open: one that serves those
// is at work. Where the kernel does not tell, the answer is no.
bool queue_stands_still(const struct listeners *listeners, const struct queue *then);
