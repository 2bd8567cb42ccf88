// Directories under /run/grenadine/, made when tmpfiles has not.
#pragma once

#include <sys/types.h>

// Returns 0 when it is there in the end, whoever made it. Makes /run/grenadine/ on the way, no other parent.
int directory_make(const char *path, mode_t mode);
