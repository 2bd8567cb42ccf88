// The main process's side of one set of namespaces: its init, the channel to it and the pipes out of it. A
// rung of the ladder that fails takes its cell with it.
#pragma once

#include "init.h"

struct cell {
        pid_t pid;
        int pidfd;
        int channel;
        int out; // read ends, non-blocking
        int err;
        ino_t out_inode;
        ino_t err_inode;
        bool is_plain; // without namespaces
};

#define CELL_NONE ((struct cell){.pidfd = FD_NONE, .channel = FD_NONE, .out = FD_NONE, .err = FD_NONE})

// Starts an init that furnishes its namespaces at once, or does without any, and then awaits an order. On
// failure says where.
int cell_open(const struct options *options, const struct listeners *listeners, const sigset_t *signal_mask,
              bool is_plain, struct cell *ret, enum phase *ret_phase);

int cell_order_boot(const struct cell *cell);
int cell_order_restore(const struct cell *cell, const char *criu, const char *images,
                       const struct plan_restore *plan);
int cell_signal(const struct cell *cell, int signal);

// Waits for what init says next. Returns -ETIMEDOUT at the deadline, -ECONNRESET when init is gone.
int cell_await(const struct cell *cell, uint64_t deadline_us, struct report *ret);

// Kills everything inside, and without namespaces at least the application's process group; the pidfd
// becomes readable when it is dead.
void cell_condemn(const struct cell *cell);
// Kills everything inside and waits for its end; the pipes stay, for what is left in them. Returns how init
// ended, as wait(2) has it: by SIGKILL, unless it had ended before.
int cell_kill(struct cell *cell);
// Kills what still lives, closes what is open.
void cell_close(struct cell *cell);
