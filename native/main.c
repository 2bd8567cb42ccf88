// grenadine-launch(8): the main process of an application's unit. This file is the list of its phases, and
// the only one that logs; see launch.c for how the application comes up and serve.c for what happens while
// it runs.
#include "cleanup.h"
#include "clock.h"
#include "journal.h"
#include "message-ids.h"
#include "reload.h"
#include "serve.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

// A bus that takes no message this long after READY=1 gets the report later, from the event loop.
enum { REPORT_TIMEOUT_US = 200 * 1000 };

// One line, one write: to the journal, which reads the level off its front (sd-daemon(3)).
static void say(const char *level, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(const char *level, const char *format, ...)
{
        char text[2 * DETAIL_MAX];
        va_list arguments;

        va_start(arguments, format);
        (void) vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        (void) dprintf(STDERR_FILENO, "%s%s\n", level, text);
}

// From here on signals wait until there is an application to forward them to. A reader of our output that
// went away (SIGPIPE) and a file that may not become as large (SIGXFSZ) are errors of write(2), not our end.
static void block_signals(sigset_t *ret_before)
{
        sigset_t blocked;

        forwarded_signals(&blocked);
        (void) sigaddset(&blocked, SIGCHLD);
        (void) sigaddset(&blocked, SIGPIPE);
        (void) sigaddset(&blocked, SIGXFSZ);
        (void) sigprocmask(SIG_BLOCK, &blocked, ret_before);
}

static int take_listeners(struct launch *launch)
{
        int r = listeners_take(&launch->listeners);

        if (r >= 0)
                r = adoptions_open(&launch->listeners.adoptions);
        if (r >= 0 && launch->options.bake)
                r = listeners_bind_scratch(&launch->options, &launch->listeners);
        if (r < 0)
                say(SD_ERR, "Failed to take over the listeners: %s", strerror(-r));
        return r;
}

// `why` is what became of the rung before, NULL at first.
static int bring_up(struct launch *launch, const struct refusal *why, int *ret_exit_status)
{
        struct launch_failure failure = {0};
        int r = why ? launch_next(launch, why, &failure) : launch_service(launch, &failure);

        if (r < 0) {
                *ret_exit_status = (int) failure.exit_status;
                say(SD_ERR, "Failed to boot cold: %s", failure.refusal.detail);
        }
        return r;
}

static void notify_ready(struct launch *launch)
{
        const struct outcome *outcome = &launch->outcome;
        const char *pinned = outcome->pinned ? " (pinned)" : "";

        launch->outcome.ready_us = monotonic_us();
        if (outcome->switched)
                (void) sd_notifyf(0, "STATUS=Switched to snapshot %s%s in %.1f ms", outcome->snapshot,
                                  pinned, (double) (outcome->ready_us - outcome->start_us) / 1000);
        else if (outcome->restored)
                (void) sd_notifyf(0, "READY=1\nSTATUS=Restored from snapshot %s%s in %.1f ms",
                                  outcome->snapshot, pinned,
                                  (double) (outcome->ready_us - outcome->start_us) / 1000);
        else if (launch->options.bake)
                (void) sd_notify(0, "READY=1\nSTATUS=Ready to bake");
        else
                (void) sd_notifyf(0, "READY=1\nSTATUS=Serves, from a cold boot (%s); why: grenadine why %s",
                                  outcome->reason.code, launch->options.application);
}

static void warn(const char *message_id, const char *application, const char *snapshot,
                 const struct refusal *why, const char *format, ...) __attribute__((format(printf, 5, 6)));
static void warn(const char *message_id, const char *application, const char *snapshot,
                 const struct refusal *why, const char *format, ...)
{
        char line[2 * DETAIL_MAX];
        va_list arguments;

        va_start(arguments, format);
        (void) vsnprintf(line, sizeof(line), format, arguments);
        va_end(arguments);
        if (journal_warn(message_id, application, line, snapshot, why) < 0)
                say(SD_WARNING, "%s", line);
}

// Each once.
static void say_failed_rungs(struct outcome *outcome, const char *application)
{
        for (; outcome->n_failed_told < outcome->n_failed; outcome->n_failed_told++) {
                const struct failed_rung *rung = &outcome->failed[outcome->n_failed_told];
                warn(MESSAGE_RUNG_FAILED, application, rung->snapshot, &rung->refusal,
                     "Snapshot %s could not be used, going on without it (%s): %s", rung->snapshot,
                     rung->refusal.code, rung->refusal.detail);
        }
}

// Once: what comes up after a fall was not asked for again.
static void say_silence(struct outcome *outcome, const char *application)
{
        if (!outcome->silence.code)
                return;
        warn(MESSAGE_SILENCE, application, NULL, &outcome->silence,
             "%s, proceeding with what was published last; until this is mended no release is followed: "
             "grenadine why %s",
             outcome->silence.detail, application);
        outcome->silence.code = NULL;
}

static void say_outcome(const struct outcome *outcome, const char *application)
{
        char line[DETAIL_MAX + 64];

        if (outcome->restored)
                (void) snprintf(line, sizeof(line), "%s snapshot %s in %.1f ms",
                                outcome->switched ? "Switched to" : "Restored from", outcome->snapshot,
                                (double) (outcome->ready_us - outcome->start_us) / 1000);
        else
                (void) snprintf(line, sizeof(line), "Booted cold (%s): %s", outcome->reason.code,
                                outcome->reason.detail);
        if (journal_tell(outcome, application, line) < 0)
                say(SD_INFO, "%s", line);
}

// An activator that starts later reads it; one that runs is told.
static void write_outcome(const struct outcome *outcome, const char *application)
{
        int r = outcome_write(outcome, application);

        if (r < 0)
                say(SD_WARNING,
                    "Failed to write down how it came up: %s; it serves, but once the activator has started "
                    "again, grenadine status and why know nothing of this start",
                    strerror(-r));
}

// Everything that nobody waits for.
static void tell_outcome(struct launch *launch)
{
        struct outcome *outcome = &launch->outcome;

        say_silence(outcome, launch->options.application);
        say_failed_rungs(outcome, launch->options.application);
        say_outcome(outcome, launch->options.application);
        if (outcome->plain.code)
                warn(MESSAGE_PLAIN, launch->options.application, NULL, &outcome->plain,
                     "It runs without namespaces of its own, and no snapshot can be made or restored: %s",
                     outcome->plain.detail);
        write_outcome(outcome, launch->options.application);
        // No activator, no report; it reads the file when it comes back.
        (void) bus_report(&launch->bus, launch->options.application, outcome,
                          monotonic_us() + REPORT_TIMEOUT_US);
}

static void tell_switch(struct launch *launch)
{
        // That of the last report may be hung up by now.
        bus_close(&launch->bus);
        notify_ready(launch);
        tell_outcome(launch);
}

// The reason is logged by who asked for the switch. The outcome file goes on to say how what runs came up.
static void tell_kept(const struct launch *launch, struct outcome *outcome)
{
        struct bus bus = {0};

        say_silence(outcome, launch->options.application);
        say_failed_rungs(outcome, launch->options.application);
        (void) bus_report(&bus, launch->options.application, outcome, monotonic_us() + REPORT_TIMEOUT_US);
        bus_close(&bus);
}

static void tell_hook(struct launch *launch, const struct refusal *refusal)
{
        launch->outcome.after_restore = *refusal;
        write_outcome(&launch->outcome, launch->options.application);
        bus_close(&launch->bus);
        (void) bus_report(&launch->bus, launch->options.application, &launch->outcome,
                          monotonic_us() + REPORT_TIMEOUT_US);
        // Last: whoever reads it in the journal finds it in the status, too.
        warn(MESSAGE_HOOK_FAILED, launch->options.application, launch->outcome.snapshot, refusal,
             "AfterRestore= failed, ignoring: %s", refusal->detail);
}

static void say_shut_down(const struct launch *, size_t listener, int r)
{
        struct listener_description description = {.address = "a listener"};

        (void) listener_describe(listener, &description);
        if (r > 0)
                say(SD_WARNING,
                    "The application has shut %s down for all who hold it; it listens again, proceeding",
                    description.address);
        else
                say(SD_ERR,
                    "The application has shut %s down for all who hold it, and nobody can undo that; "
                    "restart the socket unit: %s",
                    description.address, strerror(-r));
}

// systemd looks as soon as we have ended, and gives up a socket that does not listen.
static void reopen_listeners(const struct launch *launch)
{
        for (size_t i = 0; i < launch->listeners.n; i++) {
                int r = reopen_listener(&launch->listeners, i);
                if (r != 0)
                        say_shut_down(launch, i, r);
        }
}

static void say_without_control(const struct launch *launch, int error)
{
        if (launch->options.bake)
                say(SD_ERR, "Failed to open the control socket: %s; nothing can be baked", strerror(-error));
        else
                say(SD_WARNING,
                    "Failed to open the control socket: %s. It serves; systemctl reload, grenadine dump and "
                    "switches to new releases will not work until it is restarted",
                    strerror(-error));
}

static int serve(struct launch *launch, struct ending *ret)
{
        static const struct serve_voices voices = {.switched = tell_switch,
                                                   .kept = tell_kept,
                                                   .hook_failed = tell_hook,
                                                   .shut_down = say_shut_down};
        struct serve *serve = NULL;
        int control_error = 0, r = serve_open(launch, &voices, &serve, &control_error);

        if (r >= 0 && control_error < 0)
                say_without_control(launch, control_error);
        // Whoever waits for a workbench connects as soon as systemd says that it stands.
        if (r >= 0 && launch->options.bake)
                notify_ready(launch);
        if (r >= 0) {
                bus_linger(&launch->bus, serve->event);
                r = serve_run(serve, ret);
                bus_linger(&launch->bus, NULL);
        }
        if (r < 0)
                say(SD_ERR, "Failed to serve the application: %s", strerror(-r));
        (void) serve_close(serve);
        return r;
}

// Until an application has served: one that was restored and answered nobody was not it.
static int run_service(struct launch *launch, struct ending *ret)
{
        struct refusal why;
        int r = bring_up(launch, NULL, &ret->exit_status);

        while (r >= 0) {
                notify_ready(launch);
                tell_outcome(launch);
                r = serve(launch, ret);
                if (r < 0 || !ret->fallen.code)
                        break;
                why = ret->fallen;
                // That of the last report may be hung up by now.
                bus_close(&launch->bus);
                *ret = (struct ending){.exit_status = EXIT_STATUS_FAILED};
                r = bring_up(launch, &why, &ret->exit_status);
        }
        return r;
}

// Ends as the application did, so that systemd sees what it would have seen without us.
static int end_like(struct ending ending)
{
        sigset_t unblocked;

        if (ending.signal == 0)
                return ending.exit_status;
        // The application has left its core; ours would be one of the wrong program.
        (void) setrlimit(RLIMIT_CORE, &(struct rlimit){0});
        (void) prctl(PR_SET_DUMPABLE, 0);
        (void) signal(ending.signal, SIG_DFL);
        (void) sigemptyset(&unblocked);
        (void) sigaddset(&unblocked, ending.signal);
        (void) sigprocmask(SIG_UNBLOCK, &unblocked, NULL);
        (void) kill(getpid(), ending.signal);
        // A signal that does not end a process by default.
        return 128 + ending.signal;
}

// Runs beside the main process, as a program of systemd's that ends by any signal.
static int reload(const struct launch *launch)
{
        char complaint[DETAIL_MAX];

        (void) sigprocmask(SIG_SETMASK, &launch->signal_mask, NULL);
        if (reload_service(&launch->options, complaint) >= 0)
                return EXIT_STATUS_OK;
        say(SD_ERR, "Failed to switch: %s", complaint);
        return EXIT_STATUS_FAILED;
}

int main(int argc, char **argv)
{
        struct launch launch = {
            .cell = CELL_NONE,
            .outcome = {.realtime_us = clock_us(CLOCK_REALTIME), .start_us = monotonic_us()},
        };
        struct ending ending = {.exit_status = EXIT_STATUS_FAILED};
        const char *complaint;
        int r;

        block_signals(&launch.signal_mask);
        if (options_parse(argc, argv, &launch.options, &complaint) < 0) {
                say(SD_ERR, "Failed to read the command line: %s", complaint);
                return EXIT_STATUS_USAGE;
        }
        if (launch.options.reload)
                return reload(&launch);
        if (take_listeners(&launch) < 0)
                return EXIT_STATUS_LISTENERS;
        (void) criu_find(&launch.criu);

        // A bake is an empty workbench until its control socket is told what to do.
        r = launch.options.bake ? serve(&launch, &ending) : run_service(&launch, &ending);
        bus_close(&launch.bus);
        cell_close(&launch.cell);
        if (!launch.options.bake)
                reopen_listeners(&launch);
        return r < 0 ? ending.exit_status : end_like(ending);
}
