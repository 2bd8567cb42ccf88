// PID 1 of the application's namespaces, and what the main process and it say to each other.
#pragma once

#include "criu.h"
#include "listeners.h"
#include "options.h"
#include "phase.h"
#include <signal.h>

// What the child that becomes init gets with the fork.
struct init_context {
        const struct options *options;
        const struct listeners *listeners;
        int channel;
        int out; // write ends, for the application's standard streams
        int err;
        bool is_plain;        // in the host's namespaces: it may reap and forward, and mount nothing
        sigset_t signal_mask; // what systemd gave us, for what we execute
};

enum order_kind {
        ORDER_BOOT,
        ORDER_RESTORE,
        ORDER_SIGNAL,
};

// Main to init, one SOCK_SEQPACKET message each. The members after `signal` go with ORDER_RESTORE alone.
struct order {
        enum order_kind kind;
        int signal;
        char criu[64];
        char images[PATH_MAX];
        struct plan_restore plan;
};

enum report_kind {
        REPORT_STARTED,
        REPORT_FAILED,
        REPORT_ENDED,
};

// Init to main.
struct report {
        enum report_kind kind;
        enum phase phase;       // of a failure
        int error;              // errno of a failure; 0 where criu says more
        uint32_t file;          // of PHASE_FILES: which of the plan
        int wait_status;        // of the application that ended, or of a criu that failed
        pid_t application;      // of a boot, as seen from inside
        uint64_t namespaces_us; // CLOCK_MONOTONIC: when the namespaces stood
        uint64_t criu_us;       // when criu was begun
        uint64_t running_us;    // when the application ran
};

// Signals that pass through the launcher to the application.
void forwarded_signals(sigset_t *ret);

_Noreturn void init_run(struct init_context context);
