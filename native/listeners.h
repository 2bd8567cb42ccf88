// The listening sockets: those that systemd passed, or scratch ones for a bake. Descriptor LISTENERS_FIRST +
// i is listener i, in the main process, in init and in the application.
#pragma once

#include "address.h"
#include "adoptions.h"
#include "options.h"
#include "plan.h"

enum { LISTENERS_FIRST = 3 };

struct listeners {
        size_t n;
        const char *names; // $LISTEN_FDNAMES, or NULL
        char scratch_names[LISTENERS_MAX * (APPLICATION_NAME_MAX + sizeof(".socket:"))];
        int backlogs[LISTENERS_MAX]; // as set by us, 0: by systemd
        struct adoptions *adoptions; // shared with init and its children
        // What the last plan overwrote, to be put back when its restore fails.
        bool saved_nonblock[LISTENERS_MAX];
        int saved_backlogs[LISTENERS_MAX]; // 0: untouched
        struct plan_option saved[PLAN_OPTIONS_MAX];
        size_t n_saved;
};

// Takes over what systemd passed (none is fine) and closes every other descriptor but the standard streams.
int listeners_take(struct listeners *ret);

// Binds one scratch socket for each --listener=; again: fresh ones in place of the old.
int listeners_bind_scratch(const struct options *options, struct listeners *ret);

// Makes the sockets what the dumped application had made of its own, and remembers what they were.
int listeners_apply(struct listeners *listeners, const struct plan *plan);

// Makes them what they were before the last plan: another generation may listen on them.
void listeners_undo(struct listeners *listeners);

// Makes them what systemd passes again.
void listeners_reset(struct listeners *listeners);

// The one that systemd holds for an application that wants to bind this address: its very own before one of
// that port on every address. Returns its index or -ENOENT.
int listeners_find(const struct listeners *listeners, const struct options *options,
                   const struct address *wanted);

// The path of a UNIX listener as the application knows it, or "". Points into *ret.
const char *listeners_path(const struct options *options, size_t index, struct address *ret);

struct listener_description {
        ino_t inode;
        char address[ADDRESS_TEXT_MAX]; // to connect to
};

int listener_describe(size_t index, struct listener_description *ret);
