// The event loop of the main process. Every source is one foreign power in a file of its own; here they
// meet. What a client may ask for is in answer.c.
#include "serve.h"

#include "answer-hooks.h"
#include "answer-switch.h"
#include "answer.h"
#include "cleanup.h"
#include "clock.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>

void serve_leave(struct serve *serve)
{
        serve->has_ended = true;
        // A generation that was replaced may have requests in flight. A stop lets it finish them, within
        // systemd's bound; a crash is answered at once, by a restart.
        if (!serve->is_stopping || !serve->retirement.first)
                (void) sd_event_exit(serve->event, 0);
}

void serve_end(struct serve *serve, struct ending ending)
{
        serve->generation = generation_end(serve->generation);
        serve->ending = ending;
        serve_leave(serve);
}

static void on_retired(void *context)
{
        struct serve *serve = context;

        answer_settled(serve);
        if (serve->has_ended)
                (void) sd_event_exit(serve->event, 0);
}

void serve_trust(struct serve *serve)
{
        serve->patience = sd_event_source_disable_unref(serve->patience);
}

// An end without an answer, of which the snapshot was the cause, is told in `ending.fallen`.
static void fall(struct serve *serve)
{
        serve_trust(serve);
        serve_leave(serve);
}

static double ready_for_ms(const struct serve *serve)
{
        return (double) (monotonic_us() - serve->launch->outcome.ready_us) / 1000;
}

static void fall_by_end(struct serve *serve)
{
        char how[64];

        if (serve->ending.signal > 0)
                (void) snprintf(how, sizeof(how), "was ended by SIG%s", sigabbrev_np(serve->ending.signal));
        else
                (void) snprintf(how, sizeof(how), "ended with exit status %d", serve->ending.exit_status);
        // SIGKILL is how the kernel ends a process for want of memory; no application sends it to itself.
        (void) refuse(
            &serve->ending.fallen, 0, serve->ending.signal == SIGKILL ? "host-refused" : "ended-early",
            "the restored application %s, %.0f ms after it was ready, and had accepted none of the "
            "connections that waited for it",
            how, ready_for_ms(serve));
        fall(serve);
}

static bool has_been_kept_waiting(struct serve *serve)
{
        char proc[PATH_MAX];

        (void) snprintf(proc, sizeof(proc), "/proc/%d/root/proc", serve->generation->cell.pid);
        return allowance_extend(&serve->allowance, proc);
}

static int renew_patience(struct serve *serve)
{
        int r = sd_event_source_set_time(serve->patience, serve->allowance.deadline_us);

        return r < 0 ? r : sd_event_source_set_enabled(serve->patience, SD_EVENT_ONESHOT);
}

static int on_patience(sd_event_source *, uint64_t, void *userdata)
{
        struct serve *serve = userdata;

        // One that is frozen for a dump, or about to be replaced, cannot accept or need not.
        if (serve->dump.pid > 0 || serve->switching || !serve->generation ||
            !queue_stands_still(&serve->launch->listeners, &serve->launch->queue)) {
                serve_trust(serve);
                return 0;
        }
        if (has_been_kept_waiting(serve))
                return renew_patience(serve);
        serve->generation = generation_end(serve->generation);
        (void) refuse(&serve->ending.fallen, 0, "no-answer",
                      "the restored application took none of the waiting connections for %.0f ms, and was "
                      "therefore ended by the launcher",
                      ready_for_ms(serve));
        fall(serve);
        return 0;
}

// Nobody is asked about each connection: the kernel is, once, about those that were first.
static int watch_first_connections(struct serve *serve)
{
        serve->allowance = allowance_begin(serve->launch->patience_us);
        return sd_event_add_time(serve->event, &serve->patience, CLOCK_MONOTONIC,
                                 serve->allowance.deadline_us, 0, on_patience, serve);
}

static struct ending ending_of(int error, const struct report *report)
{
        // init itself was killed, by somebody from outside or for want of memory.
        if (error < 0 || report->kind != REPORT_ENDED)
                return (struct ending){.signal = SIGKILL};
        if (WIFSIGNALED(report->wait_status))
                return (struct ending){.signal = WTERMSIG(report->wait_status)};
        return (struct ending){.exit_status = WEXITSTATUS(report->wait_status)};
}

static int on_report(sd_event_source *source, int, uint32_t, void *userdata)
{
        struct serve *serve = userdata;
        struct report report;
        int r;

        // criu, in these namespaces, has its own reasons to kill the application; its end decides, and the
        // report stays unread until then.
        if (serve->dump.pid > 0)
                return sd_event_source_set_enabled(source, SD_EVENT_OFF);
        r = cell_await(&serve->generation->cell, 0, &report);
        serve->ending = ending_of(r, &report);
        serve->generation = generation_end(serve->generation);
        // The next generation may be coming up; if it does not, this was the end.
        if (serve->switching)
                return 0;
        if (serve->patience && queue_stands_still(&serve->launch->listeners, &serve->launch->queue))
                fall_by_end(serve);
        else
                serve_leave(serve);
        return 0;
}

int serve_take(struct serve *serve, struct launch *launch)
{
        return generation_take(launch, serve->event, on_report, serve, &serve->generation);
}

// Who came up after it would never hear of it.
static void stop(struct serve *serve)
{
        if (!serve->is_stopping)
                (void) sd_notify(0, "STOPPING=1");
        serve->is_stopping = true;
        answer_cancel_switch(serve);
}

static int on_signal(sd_event_source *, int fd, uint32_t, void *userdata)
{
        struct serve *serve = userdata;
        struct signalfd_siginfo info;

        while (read(fd, &info, sizeof(info)) == (ssize_t) sizeof(info)) {
                int signal = (int) info.ssi_signo;
                serve_trust(serve);
                // A bake that is stopped has done its work; how its application ends is of no interest.
                if (serve->launch->options.bake && (signal == SIGTERM || signal == SIGINT)) {
                        serve_end(serve, (struct ending){.exit_status = EXIT_STATUS_OK});
                        return 0;
                }
                if (stop_note(&serve->stop, signal))
                        stop(serve);
                // Most applications end by these, whoever sends them.
                if (signal == SIGINT || signal == SIGQUIT)
                        answer_cancel_switch(serve);
                if (serve->generation)
                        (void) cell_signal(&serve->generation->cell, signal);
        }
        return 0;
}

static void on_shut_down(void *context, size_t listener, int r)
{
        const struct serve *serve = context;

        serve->voices->shut_down(serve->launch, listener, r);
}

int serve_open(struct launch *launch, const struct serve_voices *voices, struct serve **ret,
               int *ret_control_error)
{
        struct serve *serve = calloc(1, sizeof(*serve));
        sigset_t forwarded;
        int r;

        if (!serve)
                return -ENOMEM;
        serve->launch = launch;
        serve->voices = voices;
        serve->signals = FD_NONE;
        serve->control.fd = FD_NONE;
        r = sd_event_new(&serve->event);
        serve->retirement =
            (struct retirement){.event = serve->event, .on_empty = on_retired, .context = serve};
        if (r >= 0 && launch->how == HOW_RESTORED)
                r = watch_first_connections(serve);
        if (r >= 0 && launch->how != HOW_NONE)
                r = serve_take(serve, launch);
        if (r >= 0) {
                forwarded_signals(&forwarded);
                serve->signals = signalfd(-1, &forwarded, SFD_CLOEXEC | SFD_NONBLOCK);
                r = serve->signals < 0 ? -errno : 0;
        }
        if (r >= 0)
                r = sd_event_add_io(serve->event, &serve->signals_source, serve->signals, EPOLLIN, on_signal,
                                    serve);
        // A stop is known of before the end that it brings about.
        if (r >= 0)
                r = sd_event_source_set_priority(serve->signals_source, SD_EVENT_PRIORITY_IMPORTANT);
        serve->reopening = (struct reopening){
            .listeners = &launch->listeners, .on_shut_down = on_shut_down, .context = serve};
        // Those of a bake are nobody's but the application's, and replaced before each step.
        if (r >= 0 && !launch->options.bake)
                r = reopening_begin(&serve->reopening, serve->event);
        if (r < 0) {
                serve_close(serve);
                return r;
        }
        serve->control.receive = answer_request;
        serve->control.context = serve;
        *ret_control_error = control_open(&serve->control, serve->event, launch->options.unit);
        if (serve->generation)
                answer_hooks_begin(serve);
        *ret = serve;
        return 0;
}

int serve_run(struct serve *serve, struct ending *ret)
{
        int r = sd_event_loop(serve->event);

        *ret = serve->ending;
        return r < 0 ? r : 0;
}

struct serve *serve_close(struct serve *serve)
{
        if (!serve)
                return NULL;
        control_close(&serve->control, serve->launch->options.unit);
        reopening_end(&serve->reopening);
        serve->signals_source = sd_event_source_disable_unref(serve->signals_source);
        serve->dump_source = sd_event_source_disable_unref(serve->dump_source);
        serve->dump_timer = sd_event_source_disable_unref(serve->dump_timer);
        serve->settle_timer = sd_event_source_disable_unref(serve->settle_timer);
        serve_trust(serve);
        serve->switching = switching_free(serve->switching);
        answer_hooks_cancel(serve);
        serve->generation = generation_end(serve->generation);
        retirement_end(&serve->retirement);
        close_at_scope_end(&serve->signals);
        sd_event_unref(serve->event);
        free(serve);
        return NULL;
}
