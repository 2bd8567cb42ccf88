// The interest list of an epoll instance (epoll(7)).
#pragma once

#include <sys/epoll.h>

// Puts `to` in the place of `from` as if whoever holds it under `number` did so: the list knows a file by
// both, and its owner will change or remove it by that number. Returns 0 or -errno.
int interest_replace(int epoll, int number, int from, int to, const struct epoll_event *event);
