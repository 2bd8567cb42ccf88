// User and groups of the application.
#pragma once

#include "phase.h"
#include <sys/types.h>

struct account {
        uid_t uid;
        gid_t gid;
        char *name; // of the user; these are on the heap and live until exec
        char *home;
        char *shell;
};

// The same as the kernel knows it, of somebody who has become it.
struct identity {
        uid_t uid;
        gid_t gid;
        gid_t *groups; // on the heap
        size_t n_groups;
};

// Looks up --user= (NULL: root) and --group= (NULL: the user's own), by name or number.
int account_find(const char *user, const char *group, struct account *ret, enum phase *ret_phase);

// Become them, for good.
int account_become(const struct account *account, enum phase *ret_phase);
int identity_become(const struct identity *identity, enum phase *ret_phase);
