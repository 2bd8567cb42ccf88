// Answers the control socket: each request is checked, begun, and answered when it is done.
#include "answer.h"

#include "clock.h"
#include "criu-log.h"
#include "paths.h"
#include "request.h"
#include "restore.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
        DUMP_TIMEOUT_US = 120 * 1000 * 1000,
        // Longer than requests take, and than systemd may be kept waiting for none.
        SETTLE_TIMEOUT_US = 10 * 1000 * 1000,
        STATE_LINE_MAX = 256 + LISTENERS_MAX * (LISTENER_ADDRESS_MAX + 32)
};

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
        const struct generation *running = serve->generation;
        char line[STATE_LINE_MAX];
        size_t size =
            (size_t) snprintf(line, sizeof(line), "ok how=%s", words[running ? running->how : HOW_NONE]);

        if (running)
                size += (size_t) snprintf(line + size, sizeof(line) - size,
                                          " init=%d pid=%d stdout=%ju stderr=%ju", running->cell.pid,
                                          running->application, (uintmax_t) running->cell.out_inode,
                                          (uintmax_t) running->cell.err_inode);
        for (size_t i = 0; i < serve->launch->listeners.n; i++) {
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
                        serve->generation = generation_end(serve->generation);
                else if (!leave_running)
                        serve_end(serve, (struct ending){.exit_status = EXIT_STATUS_OK});
        } else {
                (void) snprintf(work, sizeof(work), WORK_DIRECTORY "/%s", serve->launch->options.unit);
                criu_log_errors(work, "dump.log", said, sizeof(said));
                reply_error(serve->dump_client, "dump-failed",
                            *said ? said : "criu left no error in its log");
        }
        // What init had to say meanwhile, that the application ended among it, is heard now.
        if (serve->generation)
                (void) sd_event_source_set_enabled(serve->generation->reports, SD_EVENT_ON);
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
                                           .pid = serve->generation->application,
                                           .leave_running = request->leave_running,
                                           .ghost_limit = request->ghost_limit,
                                           .signal_mask = &launch->signal_mask},
                       serve->generation->cell.pidfd, &serve->dump);
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
        r = restore_make_work_directory(serve->launch);
        if (r >= 0)
                r = start_dump(serve, request, client);
        if (r < 0)
                reply_error(client, "dump-failed", strerror(-r));
}

// A start that succeeded is answered once it is watched.
static void reply_start(struct serve *serve, uint64_t started_us, struct control_client *client)
{
        if (serve_take(serve, serve->launch) < 0)
                return reply_error(client, "start-failed", "the launcher cannot watch the application");
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

static void fail_switch(struct serve *serve, const struct refusal *refusal)
{
        struct outcome outcome = {
            .switched = true, .realtime_us = clock_us(CLOCK_REALTIME), .start_us = monotonic_us()};
        struct refusal said;

        // Before the switching goes, which the refusal may be part of.
        (void) refuse(&said, 0, "switch-failed", "%s: %s", refusal->code, refusal->detail);
        if (serve->switching)
                outcome = switching_launch(serve->switching)->outcome;
        outcome.restored = false;
        outcome.reason = *refusal;
        serve->switching = switching_free(serve->switching);
        serve->voices->kept(serve->launch, &outcome);
        reply_error(serve->switch_client, said.code, said.detail);
        // The running generation has ended meanwhile, and there is no other.
        if (!serve->generation)
                serve_leave(serve);
}

// The new generation runs; from here on the service is that one.
static void finish_switch(struct serve *serve)
{
        struct generation *old = serve->generation;
        struct launch *next = switching_launch(serve->switching), *launch = serve->launch;
        uint64_t started_us = next->outcome.start_us;
        char line[64];

        if (serve_take(serve, next) < 0) {
                struct refusal refusal;
                listeners_undo(&next->listeners);
                (void) refuse(&refusal, -ENOMEM, "start-failed",
                              "the launcher cannot watch the application");
                return fail_switch(serve, &refusal);
        }
        if (old)
                retire(&serve->retirement, old, serve->stop_signal, serve->stop_timeout_us);
        launch->listeners = next->listeners;
        launch->criu = next->criu;
        launch->outcome = next->outcome;
        serve->switching = switching_free(serve->switching);
        serve->voices->switched(launch);
        (void) snprintf(line, sizeof(line), "ok ms=%" PRIu64 " snapshot=%s",
                        (launch->outcome.ready_us - started_us + 500) / 1000, launch->outcome.snapshot);
        control_reply(serve->switch_client, line);
}

static void on_switching_done(void *context, const struct refusal *refusal)
{
        struct serve *serve = context;

        if (refusal)
                fail_switch(serve, refusal);
        else
                finish_switch(serve);
}

void answer_cancel_switch(struct serve *serve)
{
        struct refusal refusal;

        if (!serve->switching)
                return;
        (void) refuse(&refusal, 0, "stopping", "the service is being stopped");
        fail_switch(serve, &refusal);
}

// The configuration may be newer than the unit's start: a snapshot brings its own user, environment and
// command. What it cannot bring are sockets, which systemd passed when it started the unit.
static void receive_switch(struct serve *serve, const struct request *request, struct control_client *client)
{
        struct refusal refusal;
        int r = 0;

        serve->switch_client = client;
        serve->stop_signal = request->signal;
        serve->stop_timeout_us = request->stop_timeout_us;
        if (strcmp(request->sockets, serve->launch->options.sockets) != 0)
                r = refuse(&refusal, -ESTALE, "sockets-changed",
                           "ListenStream= has changed since the start, which a reload cannot follow; "
                           "systemctl restart %s.socket %s.service",
                           serve->launch->options.application, serve->launch->options.application);
        if (r >= 0)
                r = switching_start(serve->launch, request->configuration, serve->event, on_switching_done,
                                    serve, &serve->switching, &refusal);
        if (r < 0)
                fail_switch(serve, &refusal);
}

static void end_settling(struct serve *serve, const char *reply)
{
        serve->settle_timer = sd_event_source_disable_unref(serve->settle_timer);
        while (serve->n_settle_clients > 0)
                control_reply(serve->settle_clients[--serve->n_settle_clients], reply);
}

void answer_settled(struct serve *serve)
{
        end_settling(serve, "ok");
}

static int on_settle_timeout(sd_event_source *, uint64_t, void *userdata)
{
        end_settling(userdata,
                     "error not-settled a generation that was replaced still finishes its requests");
        return 0;
}

static void receive_settle(struct serve *serve, struct control_client *client)
{
        int r = 0;

        // Each client waits for one answer at most, so there is room for all.
        serve->settle_clients[serve->n_settle_clients++] = client;
        if (!serve->retirement.first)
                return answer_settled(serve);
        if (!serve->settle_timer)
                r = sd_event_add_time_relative(serve->event, &serve->settle_timer, CLOCK_MONOTONIC,
                                               SETTLE_TIMEOUT_US, 0, on_settle_timeout, serve);
        // Without a clock, nobody waits.
        if (r < 0)
                end_settling(serve, "error not-settled the launcher cannot wait");
}

// Why a request cannot be met now, or NULL.
static const char *obstacle_to(const struct serve *serve, enum request_kind kind)
{
        bool needs_one = kind == REQUEST_DUMP || kind == REQUEST_KILL || kind == REQUEST_SWITCH;

        if (kind == REQUEST_STATE || kind == REQUEST_SETTLE)
                return NULL;
        if (serve->dump.pid > 0)
                return "a dump is under way";
        if (serve->switching && kind != REQUEST_KILL)
                return "a switch is under way";
        if (kind == REQUEST_SWITCH && serve->launch->options.bake)
                return "it is a workbench";
        if (kind == REQUEST_SWITCH && serve->is_stopping)
                return "the service is being stopped";
        if (needs_one && !serve->generation)
                return "no application runs";
        if ((kind == REQUEST_BOOT || kind == REQUEST_PROVE) && serve->generation)
                return "an application runs already";
        return NULL;
}

void answer_request(void *context, struct control_client *client, char *line)
{
        struct serve *serve = context;
        struct request request;
        const char *obstacle;

        if (request_parse(line, &request) < 0)
                return reply_error(client, "bad-request", "it is not a request that is known");
        obstacle = obstacle_to(serve, request.kind);
        if (obstacle)
                return reply_error(client, "bad-request", obstacle);
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
                (void) cell_signal(&serve->generation->cell, request.signal);
                return control_reply(client, "ok");
        case REQUEST_SWITCH:
                return receive_switch(serve, &request, client);
        case REQUEST_SETTLE:
                return receive_settle(serve, client);
        }
}
