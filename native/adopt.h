// Gives an application that binds its address by itself the socket that systemd holds there: its bind(2) is
// answered from outside, and its socket becomes that one.
#pragma once

#include "filter.h"
#include "listeners.h"

// In the child that becomes the application: sends init the descriptor of filter_install().
int adopt_hand_over(int init, int questions);

// What the child sent last: that descriptor into *ret_questions, or FD_NONE and a message of so many bytes.
// Returns its size, 0 at the end of file, or -errno.
ssize_t adopt_receive(int child, void *message, size_t size, int *ret_questions);

// What to ask about, given what is listened on.
enum filter_questions adopt_questions(const struct listeners *listeners, const struct options *options);

// In a child of init: answers until nobody is left who could ask. Beside it, nobody sees what it sees.
_Noreturn void adopt_serve(int questions, const struct listeners *listeners, const struct options *options);
