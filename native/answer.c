// Answers the control socket: each request is checked and begun here, and answered when it is done.
#include "answer.h"

#include "answer-dump.h"
#include "answer-hooks.h"
#include "answer-switch.h"
#include "clock.h"
#include "openssl.h"
#include "reply.h"
#include "socket-options.h"
#include <inttypes.h>
#include <stdio.h>

enum {
        OPTION_TEXT_MAX = 48 + 2 * OPTION_VALUE_MAX,
        STATE_LINE_MAX = 256 + (LISTENERS_MAX + UNNAMED_MAX) * (ADDRESS_TEXT_MAX + 64) +
                         LISTENERS_MAX * UNRECORDED_OPTIONS_MAX * OPTION_TEXT_MAX,
};

static size_t write_options(size_t index, char *line, size_t size)
{
        struct plan_option options[UNRECORDED_OPTIONS_MAX];
        size_t length = 0, n = socket_options_unrecorded(LISTENERS_FIRST + (int) index, options);

        for (size_t i = 0; i < n; i++) {
                length += (size_t) snprintf(line + length, size - length, " option=%zu,%d,%d,", index,
                                            options[i].level, options[i].name);
                for (size_t at = 0; at < options[i].size; at++)
                        length +=
                            (size_t) snprintf(line + length, size - length, "%02x", options[i].value[at]);
        }
        return length;
}

// Nobody is asked after a restore, and what was told before is of another application.
static void write_adoptions(const struct adoptions *adoptions, char *line, size_t size)
{
        size_t length = 0, n = adoptions->n_unnamed;

        if (!adoptions->is_asked)
                return;
        length += (size_t) snprintf(line, size, " asked=yes");
        for (size_t i = 0; i < LISTENERS_MAX; i++)
                if (adoptions->adopted[i])
                        length += (size_t) snprintf(line + length, size - length, " adopted=%zu", i);
        for (size_t i = 0; i < n; i++) {
                char text[ADDRESS_TEXT_MAX];
                address_format(&adoptions->unnamed[i].address, text);
                length += (size_t) snprintf(line + length, size - length, " unnamed=%ju,%s",
                                            (uintmax_t) adoptions->unnamed[i].inode, text);
        }
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
                size += write_options(i, line + size, sizeof(line) - size);
        }
        if (!serve->launch->options.presets || openssl_is_kept())
                size += (size_t) snprintf(line + size, sizeof(line) - size, " openssl=kept");
        if (running && (running->how == HOW_COLD || running->how == HOW_BAKE))
                write_adoptions(serve->launch->listeners.adoptions, line + size, sizeof(line) - size);
        control_reply(client, line);
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

// Why a request cannot be met now, or NULL.
static const char *obstacle_to(const struct serve *serve, enum request_kind kind)
{
        bool needs_one =
            kind == REQUEST_DUMP || kind == REQUEST_KILL || kind == REQUEST_SWITCH || kind == REQUEST_RUN;

        if (kind == REQUEST_STATE || kind == REQUEST_SETTLE)
                return NULL;
        if (serve->dump.pid > 0)
                return "a dump is under way";
        if (serve->switching && kind != REQUEST_KILL)
                return "a switch is under way";
        // It runs among the application's processes, and would be taken for one that has strayed.
        if (serve->hooks.pid > 0 && (kind == REQUEST_DUMP || kind == REQUEST_RUN))
                return "BeforeDump= or AfterRestore= is under way";
        if (kind == REQUEST_DUMP && serve->generation && serve->generation->cell.is_plain)
                return "the application has no namespaces of its own";
        if ((kind == REQUEST_BOOT || kind == REQUEST_PROVE || kind == REQUEST_RUN) &&
            !serve->launch->options.bake)
                return "it is no workbench";
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
                return answer_dump(serve, &request, client);
        case REQUEST_PROVE:
                return receive_prove(serve, &request, client);
        case REQUEST_KILL:
                serve_trust(serve);
                (void) cell_signal(&serve->generation->cell, request.signal);
                return control_reply(client, "ok");
        case REQUEST_SWITCH:
                return answer_switch(serve, &request, client);
        case REQUEST_SETTLE:
                return answer_settle(serve, client);
        case REQUEST_RUN:
                return answer_run(serve, &request, client);
        }
}
