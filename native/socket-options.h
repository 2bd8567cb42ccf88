// What an application has set on a socket (socket(7), ip(7), ipv6(7), tcp(7)).
#pragma once

#include "plan.h"
#include <stdbool.h>

enum { SOCKET_OPTIONS_TEXT_MAX = 512, UNRECORDED_OPTIONS_MAX = 16 };

// Sets on `to` what on `from` is other than on a fresh socket, so far as it matters to a listener or to the
// connections that inherit it. What takes a capability, or names what only one network namespace has, stays
// within one: a namespace of his own makes anybody its administrator. Names what could not be set, in words
// of the manual pages; empty: nothing.
void socket_options_carry(int from, int to, char ret_lost[static SOCKET_OPTIONS_TEXT_MAX]);

// Those of them that CRIU does not record, so that a restore on another socket would lose them. Returns how
// many there are.
size_t socket_options_unrecorded(int socket, struct plan_option ret[static UNRECORDED_OPTIONS_MAX]);

// Are both of one network namespace? No, too, where the kernel does not say (before Linux 5.14).
bool socket_options_same_network(int one, int other);

// IPV6_V6ONLY: 0 or 1, -1 of a socket that is not of IPv6.
int socket_options_v6only(int socket);
