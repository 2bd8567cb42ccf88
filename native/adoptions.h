// What became of bind(2) since the cold boot: the process that answers it writes, the main process reads.
#pragma once

#include "address.h"
#include "bounds.h"
#include <stdatomic.h>
#include <sys/types.h>

// Further ones are passed over: a program may bind as many addresses to call from as it likes.
enum { UNNAMED_MAX = 8 };

// A TCP address that no ListenStream= names.
struct unnamed {
        ino_t inode;
        struct address address; // that was asked for
};

struct adoptions {
        atomic_bool is_asked;
        atomic_bool adopted[LISTENERS_MAX];
        atomic_size_t n_unnamed;
        struct unnamed unnamed[UNNAMED_MAX]; // complete up to n_unnamed
};

// In memory that children share. Returns 0 or -errno.
int adoptions_open(struct adoptions **ret);

// Another application begins.
void adoptions_begin(struct adoptions *adoptions);

// Returns whether this address is a new one, and is noted.
bool adoptions_add_unnamed(struct adoptions *adoptions, ino_t inode, const struct address *address);
