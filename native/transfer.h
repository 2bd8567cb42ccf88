// Makes systemd's socket what an application's own one was to it.
#pragma once

#include "filter.h"
#include "socket-options.h"

// What could not be carried over, for people.
struct transfer {
        char lost_options[SOCKET_OPTIONS_TEXT_MAX]; // names; empty: none
        int epoll_error;     // errno of an epoll instance that does not wait for it; 0
        pid_t other_process; // that holds the same socket, which stays its own; 0
        int number_error;    // errno of a further number, which keeps its own socket; 0
};

// A descriptor of ours for the one that is asked about, which is no socket of a listener, or one of another
// network namespace, if this fails.
// Returns it or -errno.
int transfer_fetch(const struct question *asked);

// Puts `listener` in the place of `own`: under each number that the asking process has for it, in the epoll
// instances that wait for it, with its flags and options. Returns 0 when the application has it under the
// number that it asks about.
int transfer_socket(int questions, const struct question *asked, int own, int listener,
                    struct transfer *ret);
