// What a process that stays root may still do.
#pragma once

#include <stdint.h>

#define CAPABILITY(number) (UINT64_C(1) << (number))

// Keeps those of the set that it has, and drops the others for good. Returns 0 or -errno.
int capabilities_keep(uint64_t set);

// What an executable file may inherit (capabilities(7)) is nothing from here on. Returns 0 or -errno.
int capabilities_drop_inheritable(void);
