// What the host has too little of at times. Whatever fails for want of it is as good as it was before.
#pragma once

#include <stdbool.h>

// Of memory, processes, room, descriptors, the size a file may have; or a disk that has become read-only.
// `error` is of errno(3).
bool shortage_is(int error);

// Does a text of criu's speak of one?
bool shortage_is_told(const char *text);

// Does the kernel end a process by this signal for want of something?
bool shortage_ends_by(int signal);
