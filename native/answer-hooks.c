// Hooks that were asked for or are due: begun, awaited in the event loop, answered or told.
#include "answer-hooks.h"

#include "clock.h"
#include "reply.h"
#include <stdio.h>
#include <string.h>

static void reply(const struct serve *serve, const struct refusal *first)
{
        if (first->code)
                reply_error(serve->hooks_client, first->code, first->detail);
        else
                reply_ms(serve->hooks_client, serve->hooks_started_us);
}

static int on_hooks_end(sd_event_source *, int, uint32_t, void *userdata)
{
        struct serve *serve = userdata;
        struct refusal refusal, first = {0};

        serve->hooks_source = sd_event_source_disable_unref(serve->hooks_source);
        while (hooks_refusal(&serve->hooks, &refusal)) {
                if (!first.code)
                        first = refusal;
                // Of an application that has ended, its end is told.
                if (!serve->hooks_client && serve->generation)
                        serve->voices->hook_failed(serve->launch, &refusal);
        }
        hooks_end(&serve->hooks);
        if (serve->hooks_client)
                reply(serve, &first);
        serve->hooks_client = NULL;
        return 0;
}

static int begin(struct serve *serve, const struct hook *hooks, size_t n)
{
        struct hook_place place = {.cell = &serve->generation->cell,
                                   .application = serve->generation->application,
                                   .signal_mask = &serve->launch->signal_mask};
        int r;

        serve->hooks_started_us = monotonic_us();
        r = hooks_start(hooks, n, &place, &serve->hooks);
        if (r < 0)
                return r;
        r = sd_event_add_io(serve->event, &serve->hooks_source, serve->hooks.pidfd, EPOLLIN, on_hooks_end,
                            serve);
        if (r < 0)
                hooks_end(&serve->hooks);
        return r;
}

void answer_run(struct serve *serve, const struct request *request, struct control_client *client)
{
        struct hook hook = {.kind = HOOK_COMMAND};
        int r;

        (void) snprintf(hook.text, sizeof(hook.text), "%s", request->command);
        r = begin(serve, &hook, 1);
        if (r < 0)
                return reply_error(client, "command-failed", strerror(-r));
        serve->hooks_client = client;
}

void answer_hooks_begin(struct serve *serve)
{
        const struct launch *launch = serve->launch;
        struct refusal refusal;
        int r;

        answer_hooks_cancel(serve);
        if (launch->n_hooks == 0)
                return;
        r = begin(serve, launch->hooks, launch->n_hooks);
        if (r < 0) {
                (void) refuse(&refusal, r, "command-failed", "failed to fork: %s", strerror(-r));
                serve->voices->hook_failed(serve->launch, &refusal);
        }
}

void answer_hooks_cancel(struct serve *serve)
{
        serve->hooks_source = sd_event_source_disable_unref(serve->hooks_source);
        hooks_end(&serve->hooks);
}
