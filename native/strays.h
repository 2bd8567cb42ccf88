// Processes that the application started and that are not below it any more, as daemons make it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { STRAY_TEXT_MAX = 320 };

// Is there one among the children of `init`? `init` is a PID of ours, `application` one of its namespace.
// Returns true with a sentence that names it.
bool strays_name(pid_t init, pid_t application, char *ret, size_t size);
