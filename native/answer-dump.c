// A dump that was asked for: begun, awaited in the event loop, answered.
#include "answer-dump.h"

#include "clock.h"
#include "criu-log.h"
#include "paths.h"
#include "reply.h"
#include "restore.h"
#include "strays.h"
#include <stdio.h>
#include <string.h>

enum { DUMP_TIMEOUT_US = 120 * 1000 * 1000 };

static void finish_dump(struct serve *serve)
{
        char work[PATH_MAX], said[DETAIL_MAX];
        bool leave_running = serve->dump.leave_running;
        uint64_t started_us = serve->dump.started_us;
        struct refusal refusal;

        serve->dump_source = sd_event_source_disable_unref(serve->dump_source);
        serve->dump_timer = sd_event_source_disable_unref(serve->dump_timer);
        (void) sd_event_source_set_enabled(serve->signals_source, SD_EVENT_ON);
        if (dump_finish(&serve->dump, &refusal)) {
                reply_ms(serve->dump_client, started_us);
                if (!leave_running && serve->launch->options.bake)
                        serve->generation = generation_end(serve->generation);
                else if (!leave_running)
                        serve_end(serve, (struct ending){.exit_status = EXIT_STATUS_OK});
        } else if (refusal.code) {
                reply_error(serve->dump_client, refusal.code, refusal.detail);
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

// A signal that reaches a frozen application becomes part of the snapshot, and ends every restore of it.
// Until the dump is done they stay pending. A bake takes the signals that end it at any time.
static int watch_dump(struct serve *serve)
{
        int r = sd_event_add_io(serve->event, &serve->dump_source, serve->dump.pidfd, EPOLLIN, on_dump_end,
                                serve);

        if (r >= 0)
                r = sd_event_add_time_relative(serve->event, &serve->dump_timer, CLOCK_MONOTONIC,
                                               DUMP_TIMEOUT_US, 0, on_dump_timeout, serve);
        if (r >= 0 && !serve->launch->options.bake)
                r = sd_event_source_set_enabled(serve->signals_source, SD_EVENT_OFF);
        return r;
}

// One that nobody watches would be under way for ever.
static void abandon_dump(struct serve *serve)
{
        struct refusal ignored;

        serve->dump_source = sd_event_source_disable_unref(serve->dump_source);
        serve->dump_timer = sd_event_source_disable_unref(serve->dump_timer);
        dump_cancel(&serve->dump);
        (void) dump_finish(&serve->dump, &ignored);
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
                                           .settle = launch->options.bake && launch->options.presets,
                                           .disturb = launch->options.bake,
                                           .leave_running = request->leave_running,
                                           .ghost_limit = request->ghost_limit,
                                           .signal_mask = &launch->signal_mask},
                       &serve->generation->cell, &serve->dump);
        if (r < 0)
                return r;
        serve->dump_client = client;
        r = watch_dump(serve);
        if (r < 0)
                abandon_dump(serve);
        return r;
}

void answer_dump(struct serve *serve, const struct request *request, struct control_client *client)
{
        const struct generation *generation = serve->generation;
        char stray[STRAY_TEXT_MAX];
        int r;

        if (!serve->launch->criu.path)
                return reply_error(client, "no-criu", CRIU_MISSING);
        if (strays_name(generation->cell.pid, generation->application, stray, sizeof(stray)))
                return reply_error(client, "stray-process", stray);
        r = restore_make_work_directory(serve->launch);
        if (r >= 0)
                r = start_dump(serve, request, client);
        if (r < 0)
                reply_error(client, "dump-failed", strerror(-r));
}
