// The event loop of the main process. Every source is one foreign power in a file of its own; here they
// meet.
#include "serve.h"

#include "cleanup.h"
#include "clock.h"
#include "control.h"
#include "criu-log.h"
#include "dump.h"
#include "paths.h"
#include "relay.h"
#include "request.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>

enum {
        DUMP_TIMEOUT_US = 120 * 1000 * 1000,
        STATE_LINE_MAX = 256 + LISTENERS_MAX * (LISTENER_ADDRESS_MAX + 32)
};

struct serve {
        struct launch *launch;
        sd_event *event;
        struct relay out;
        struct relay err;
        struct control control;
        sd_event_source *init;
        int signals;
        sd_event_source *signals_source;
        struct dump dump;
        struct control_client *dump_client;
        sd_event_source *dump_source;
        sd_event_source *dump_timer;
        struct ending ending;
};

static int on_init(sd_event_source *source, int fd, uint32_t revents, void *userdata);

// The application came up: watch its init and its output.
static int attach(struct serve *serve)
{
        struct cell *cell = &serve->launch->cell;
        int r = sd_event_add_io(serve->event, &serve->init, cell->channel, EPOLLIN, on_init, serve);

        if (r >= 0)
                r = relay_start(&serve->out, serve->event, steal_fd(&cell->out), STDOUT_FILENO);
        if (r >= 0)
                r = relay_start(&serve->err, serve->event, steal_fd(&cell->err), STDERR_FILENO);
        return r;
}

// The application is not wanted any more or is gone: end what is left of it, then pass on its last words.
static void detach(struct serve *serve)
{
        serve->init = sd_event_source_disable_unref(serve->init);
        cell_kill(&serve->launch->cell);
        relay_finish(&serve->out);
        relay_finish(&serve->err);
        cell_close(&serve->launch->cell);
        serve->launch->how = HOW_NONE;
}

static void end(struct serve *serve, struct ending ending)
{
        detach(serve);
        serve->ending = ending;
        (void) sd_event_exit(serve->event, 0);
}

static int on_init(sd_event_source *source, int, uint32_t, void *userdata)
{
        struct serve *serve = userdata;
        struct report report;
        int r = cell_await(&serve->launch->cell, 0, &report);

        // criu, in these namespaces, has its own reasons to kill the application; its end decides.
        if (serve->dump.pid > 0)
                return sd_event_source_set_enabled(source, SD_EVENT_OFF);
        // init itself was killed, by somebody from outside or for want of memory.
        if (r < 0 || report.kind != REPORT_ENDED)
                end(serve, (struct ending){.signal = SIGKILL});
        else if (WIFSIGNALED(report.wait_status))
                end(serve, (struct ending){.signal = WTERMSIG(report.wait_status)});
        else
                end(serve, (struct ending){.exit_status = WEXITSTATUS(report.wait_status)});
        return 0;
}

static int on_signal(sd_event_source *, int fd, uint32_t, void *userdata)
{
        struct serve *serve = userdata;
        struct signalfd_siginfo info;

        while (read(fd, &info, sizeof(info)) == (ssize_t) sizeof(info)) {
                int signal = (int) info.ssi_signo;
                // A bake that is stopped has done its work; how its application ends is of no interest.
                if (serve->launch->options.bake && (signal == SIGTERM || signal == SIGINT)) {
                        end(serve, (struct ending){.exit_status = EXIT_STATUS_OK});
                        return 0;
                }
                if (signal == SIGTERM)
                        (void) sd_notify(0, "STOPPING=1");
                if (serve->launch->how != HOW_NONE)
                        (void) cell_signal(&serve->launch->cell, signal);
        }
        return 0;
}

static void reply_error(struct control_client *client, const char *code, const char *text)
{
        char line[DETAIL_MAX + 64];

        (void) snprintf(line, sizeof(line), "error %s %s", code, text);
        control_reply(client, line);
}

static void reply_ms(struct control_client *client, uint64_t started_us)
{
        char line[48];

        (void) snprintf(line, sizeof(line), "ok ms=%" PRIu64, (monotonic_us() - started_us + 500) / 1000);
        control_reply(client, line);
}

static void reply_state(const struct serve *serve, struct control_client *client)
{
        static const char *const words[] = {
            [HOW_NONE] = "none", [HOW_COLD] = "cold",   [HOW_RESTORED] = "restored",
            [HOW_BAKE] = "bake", [HOW_PROVE] = "prove",
        };
        const struct launch *launch = serve->launch;
        char line[STATE_LINE_MAX];
        size_t size = (size_t) snprintf(line, sizeof(line), "ok how=%s", words[launch->how]);

        if (launch->how != HOW_NONE)
                size += (size_t) snprintf(line + size, sizeof(line) - size,
                                          " init=%d pid=%d stdout=%ju stderr=%ju", launch->cell.pid,
                                          launch->application, (uintmax_t) launch->cell.out_inode,
                                          (uintmax_t) launch->cell.err_inode);
        for (size_t i = 0; i < launch->listeners.n; i++) {
                struct listener_description listener;
                if (listener_describe(i, &listener) < 0)
                        continue;
                size += (size_t) snprintf(line + size, sizeof(line) - size, " listener=%zu,%ju,%s", i,
                                          (uintmax_t) listener.inode, listener.address);
        }
        control_reply(client, line);
}

static void finish_dump(struct serve *serve)
{
        char work[PATH_MAX], said[DETAIL_MAX];
        bool leave_running = serve->dump.leave_running;
        uint64_t started_us = serve->dump.started_us;

        serve->dump_source = sd_event_source_disable_unref(serve->dump_source);
        serve->dump_timer = sd_event_source_disable_unref(serve->dump_timer);
        (void) sd_event_source_set_enabled(serve->signals_source, SD_EVENT_ON);
        if (dump_finish(&serve->dump)) {
                reply_ms(serve->dump_client, started_us);
                if (!leave_running && serve->launch->options.bake)
                        detach(serve);
                else if (!leave_running)
                        end(serve, (struct ending){.exit_status = EXIT_STATUS_OK});
        } else {
                (void) snprintf(work, sizeof(work), WORK_DIRECTORY "/%s", serve->launch->options.unit);
                criu_log_errors(work, "dump.log", said, sizeof(said));
                reply_error(serve->dump_client, "dump-failed",
                            *said ? said : "criu left no error in its log");
        }
        // What init had to say meanwhile, that the application ended among it, is heard now.
        if (serve->init)
                (void) sd_event_source_set_enabled(serve->init, SD_EVENT_ON);
}

static int on_dump_end(sd_event_source *, int, uint32_t, void *userdata)
{
        finish_dump(userdata);
        return 0;
}

static int on_dump_timeout(sd_event_source *, uint64_t, void *userdata)
{
        const struct serve *serve = userdata;

        dump_cancel(&serve->dump);
        return 0;
}

static int start_dump(struct serve *serve, const struct request *request, struct control_client *client)
{
        const struct launch *launch = serve->launch;
        char work[PATH_MAX];
        int r;

        (void) snprintf(work, sizeof(work), WORK_DIRECTORY "/%s", launch->options.unit);
        r = dump_start(&(struct criu_dump){.path = launch->criu.path,
                                           .images = request->directory,
                                           .work = work,
                                           .pid = launch->application,
                                           .leave_running = request->leave_running,
                                           .ghost_limit = request->ghost_limit,
                                           .signal_mask = &launch->signal_mask},
                       launch->cell.pidfd, &serve->dump);
        if (r < 0)
                return r;
        serve->dump_client = client;
        r = sd_event_add_io(serve->event, &serve->dump_source, serve->dump.pidfd, EPOLLIN, on_dump_end,
                            serve);
        if (r >= 0)
                r = sd_event_add_time_relative(serve->event, &serve->dump_timer, CLOCK_MONOTONIC,
                                               DUMP_TIMEOUT_US, 0, on_dump_timeout, serve);
        // A signal that reaches a frozen application becomes part of the snapshot, and ends every restore of
        // it. Until the dump is done they stay pending. A bake takes the signals that end it at any time.
        if (r >= 0 && !launch->options.bake)
                r = sd_event_source_set_enabled(serve->signals_source, SD_EVENT_OFF);
        return r;
}

static void receive_dump(struct serve *serve, const struct request *request, struct control_client *client)
{
        int r;

        if (!serve->launch->criu.path)
                return reply_error(client, "no-criu", "criu is not installed");
        r = launch_make_work_directory(serve->launch);
        if (r >= 0)
                r = start_dump(serve, request, client);
        if (r < 0)
                reply_error(client, "dump-failed", strerror(-r));
}

// A start that succeeded is answered once it is watched.
static void reply_start(struct serve *serve, uint64_t started_us, struct control_client *client)
{
        if (attach(serve) < 0) {
                detach(serve);
                return reply_error(client, "start-failed", "the launcher cannot watch the application");
        }
        reply_ms(client, started_us);
}

static void receive_boot(struct serve *serve, struct control_client *client)
{
        uint64_t started_us = monotonic_us();
        struct refusal refusal;

        if (launch_bake(serve->launch, &refusal) < 0)
                return reply_error(client, refusal.code, refusal.detail);
        reply_start(serve, started_us, client);
}

static void receive_prove(struct serve *serve, const struct request *request, struct control_client *client)
{
        uint64_t started_us = monotonic_us();
        struct refusal refusal;

        if (launch_prove(serve->launch, request->directory, &refusal) < 0)
                return reply_error(client, refusal.code, refusal.detail);
        reply_start(serve, started_us, client);
}

static void receive(void *context, struct control_client *client, char *line)
{
        struct serve *serve = context;
        bool runs = serve->launch->how != HOW_NONE;
        struct request request;

        if (request_parse(line, &request) < 0)
                return reply_error(client, "bad-request", "it is not a request that is known");
        if (request.kind != REQUEST_STATE && serve->dump.pid > 0)
                return reply_error(client, "bad-request", "a dump is under way");
        if (!runs && (request.kind == REQUEST_DUMP || request.kind == REQUEST_KILL))
                return reply_error(client, "bad-request", "no application runs");
        if (runs && (request.kind == REQUEST_BOOT || request.kind == REQUEST_PROVE))
                return reply_error(client, "bad-request", "an application runs already");
        switch (request.kind) {
        case REQUEST_STATE:
                return reply_state(serve, client);
        case REQUEST_BOOT:
                return receive_boot(serve, client);
        case REQUEST_DUMP:
                return receive_dump(serve, &request, client);
        case REQUEST_PROVE:
                return receive_prove(serve, &request, client);
        case REQUEST_KILL:
                (void) cell_signal(&serve->launch->cell, request.signal);
                return control_reply(client, "ok");
        }
}

int serve_open(struct launch *launch, struct serve **ret, int *ret_control_error)
{
        struct serve *serve = calloc(1, sizeof(*serve));
        sigset_t forwarded;
        int r;

        if (!serve)
                return -ENOMEM;
        serve->launch = launch;
        serve->signals = FD_NONE;
        serve->control.fd = FD_NONE;
        serve->out.source = serve->err.source = FD_NONE;
        r = sd_event_new(&serve->event);
        if (r >= 0 && launch->how != HOW_NONE)
                r = attach(serve);
        if (r >= 0) {
                forwarded_signals(&forwarded);
                serve->signals = signalfd(-1, &forwarded, SFD_CLOEXEC | SFD_NONBLOCK);
                r = serve->signals < 0 ? -errno : 0;
        }
        if (r >= 0)
                r = sd_event_add_io(serve->event, &serve->signals_source, serve->signals, EPOLLIN, on_signal,
                                    serve);
        if (r < 0) {
                serve_close(serve);
                return r;
        }
        serve->control.receive = receive;
        serve->control.context = serve;
        *ret_control_error = control_open(&serve->control, serve->event, launch->options.unit);
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
        serve->init = sd_event_source_disable_unref(serve->init);
        serve->signals_source = sd_event_source_disable_unref(serve->signals_source);
        serve->dump_source = sd_event_source_disable_unref(serve->dump_source);
        serve->dump_timer = sd_event_source_disable_unref(serve->dump_timer);
        relay_finish(&serve->out);
        relay_finish(&serve->err);
        close_at_scope_end(&serve->signals);
        sd_event_unref(serve->event);
        free(serve);
        return NULL;
}
