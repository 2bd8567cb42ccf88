// A switch that was asked for, and the end of what it replaced.
#include "answer-switch.h"

#include "answer-hooks.h"
#include "clock.h"
#include "reply.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// Longer than requests take, and than systemd may be kept waiting for none.
enum { SETTLE_TIMEOUT_US = 10 * 1000 * 1000 };

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
        serve_trust(serve);
        launch->listeners = next->listeners;
        launch->criu = next->criu;
        launch->outcome = next->outcome;
        launch->n_hooks = next->n_hooks;
        memcpy(launch->hooks, next->hooks, sizeof(launch->hooks));
        serve->switching = switching_free(serve->switching);
        serve->voices->switched(launch);
        answer_hooks_begin(serve);
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
void answer_switch(struct serve *serve, const struct request *request, struct control_client *client)
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

void answer_settle(struct serve *serve, struct control_client *client)
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
