// CRIU, the program: where it is and how it is called.
#pragma once

#include "plan.h"
#include <signal.h>

// What is told where criu_find() finds none.
#define CRIU_MISSING "there is no executable file /usr/sbin/criu or /usr/local/sbin/criu"

struct criu {
        const char *path;
        uint64_t size;
        uint64_t mtime; // seconds
};

// Returns 0 or -ENOENT. Looks in two fixed places: $PATH belongs to the application.
int criu_find(struct criu *ret);

// The descriptors that criu gives to the restored application in place of those in the images.
struct criu_descriptors {
        int first_listener; // the others follow
        int out;
        int err;
};

struct criu_restore {
        const char *path;
        const char *images;
        const char *work;
        const struct plan_restore *plan;
        struct criu_descriptors descriptors;
        const sigset_t *signal_mask;
        int failure; // where a struct exposed_failure goes that kept criu from being executed
};

struct criu_dump {
        const char *path;
        const char *images;
        const char *work;
        pid_t pid; // as seen from inside the namespaces
        bool leave_running;
        bool settle;             // runtimes put their memory in order before
        bool disturb;            // connections to the outside are shut down before; else they forbid it
        const char *ghost_limit; // bytes, in digits
        const sigset_t *signal_mask;
};

// These replace the calling process, which is a forked child inside the application's namespaces, and return
// an exit status only on failure.
int criu_exec_restore(const struct criu_restore *restore);
int criu_exec_dump(const struct criu_dump *dump);
// Finds out what the kernel can do and leaves it in /run/criu.kdat, where the others find it.
int criu_exec_check(const struct criu_dump *dump);
bool criu_is_warm(void);
