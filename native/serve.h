// The main process while the application runs: output, signals, requests, and its end.
#pragma once

#include "allowance.h"
#include "control.h"
#include "dump.h"
#include "hooks.h"
#include "reopen.h"
#include "retire.h"
#include "stop.h"
#include "switch.h"

// How the launcher is to end: as the application did, or by itself.
struct ending {
        int exit_status;
        int signal;            // 0: by exit
        struct refusal fallen; // with a code: the snapshot did not serve after all, and the next rung is to
};

// Tell whom it concerns. Of a switch, that the new generation runs, or that the old one was kept.
struct serve_voices {
        void (*switched)(struct launch *launch);
        void (*kept)(const struct launch *launch, struct outcome *outcome);
        // What was to be done after the restore failed; it serves nevertheless.
        void (*hook_failed)(struct launch *launch, const struct refusal *refusal);
        // The application has shut a listener down; `r` is as of reopen_listener().
        void (*shut_down)(const struct launch *launch, size_t listener, int r);
};

struct serve {
        struct launch *launch;
        const struct serve_voices *voices;
        sd_event *event;
        struct generation *generation; // NULL: nothing runs
        struct retirement retirement;
        struct control control;
        struct reopening reopening;
        int signals;
        sd_event_source *signals_source;
        struct dump dump;
        struct control_client *dump_client;
        sd_event_source *dump_source;
        sd_event_source *dump_timer;
        sd_event_source *patience;  // NULL: nobody waits for it to accept its first connection
        struct allowance allowance; // of that patience
        struct hooks hooks;
        struct control_client *hooks_client; // NULL: nobody asked for them
        sd_event_source *hooks_source;
        uint64_t hooks_started_us;
        struct switching *switching; // NULL: no switch is under way
        struct control_client *switch_client;
        int stop_signal; // of the generation that the switch replaces
        uint64_t stop_timeout_us;
        struct control_client *settle_clients[CONTROL_CLIENTS_MAX]; // wait for the retirement to be over
        size_t n_settle_clients;
        sd_event_source *settle_timer;
        struct stop stop;
        bool is_stopping; // the service is to end
        bool has_ended;   // only retired generations keep us
        struct ending ending;
};

// Returns 0, or -errno. *ret_control_error tells that there is no control socket; all else works.
int serve_open(struct launch *launch, const struct serve_voices *voices, struct serve **ret,
               int *ret_control_error);
// Returns 0 with the ending, or -errno.
int serve_run(struct serve *serve, struct ending *ret);
struct serve *serve_close(struct serve *serve);

// Takes over what the launch has brought up, in place of nothing.
int serve_take(struct serve *serve, struct launch *launch);
// Whatever becomes of the generation that runs is its own doing from here on, or that of somebody who meant
// it.
void serve_trust(struct serve *serve);
// Ends the generation that runs, and with it the launcher.
void serve_end(struct serve *serve, struct ending ending);
// There is no generation any more, and none will come.
void serve_leave(struct serve *serve);
