// Descends the ladder without ever blocking: the activator's answer, criu's end and their deadlines are
// events, so that the running generation is served meanwhile. What a rung is stands in restore.c.
#include "switch.h"

#include "cleanup.h"
#include "clock.h"
#include "restore.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

// What a deadline may be late by; sd_event_add_time(3) would allow 250 ms.
enum { ACCURACY_US = 1000 };

struct switching {
        struct launch launch;
        char configuration[CONFIGURATION_LENGTH + 1];
        sd_event *event;
        switching_done done;
        void *context;
        sd_event_source *answer_due;
        struct rungs rungs;
        size_t at;
        struct plan plan; // of the rung that is tried
        bool is_ordered;  // its restore is under way
        sd_event_source *reports;
        sd_event_source *restore_due;
};

static void abandon_rung(struct switching *switching)
{
        switching->is_ordered = false;
        switching->reports = sd_event_source_disable_unref(switching->reports);
        switching->restore_due = sd_event_source_disable_unref(switching->restore_due);
        cell_close(&switching->launch.cell);
        listeners_undo(&switching->launch.listeners);
}

static void descend(struct switching *switching);

static void conclude(struct switching *switching, int error, const struct report *report)
{
        struct launch *launch = &switching->launch;
        struct refusal refusal;

        if (restore_conclude(launch, &switching->plan, error, report, &refusal) < 0) {
                abandon_rung(switching);
                restore_remember(launch, &switching->rungs.rungs[switching->at++], &refusal);
                descend(switching);
                return;
        }
        switching->is_ordered = false;
        switching->reports = sd_event_source_disable_unref(switching->reports);
        switching->restore_due = sd_event_source_disable_unref(switching->restore_due);
        launch->outcome.restored = true;
        launch->how = HOW_RESTORED;
        switching->done(switching->context, NULL);
}

static int on_report(sd_event_source *, int, uint32_t, void *userdata)
{
        struct switching *switching = userdata;
        struct report report;
        int r = cell_await(&switching->launch.cell, 0, &report);

        conclude(switching, r, &report);
        return 0;
}

// The loop may have been held up: what init has said by now counts.
static int on_restore_due(sd_event_source *, uint64_t, void *userdata)
{
        return on_report(NULL, -1, 0, userdata);
}

static int watch(struct switching *switching)
{
        int r = sd_event_add_io(switching->event, &switching->reports, switching->launch.cell.channel,
                                EPOLLIN, on_report, switching);

        if (r >= 0)
                r = sd_event_add_time(switching->event, &switching->restore_due, CLOCK_MONOTONIC,
                                      restore_deadline(&switching->plan), ACCURACY_US, on_restore_due,
                                      switching);
        return r;
}

// Returns 0 when the restore is under way.
static int try_rung(struct switching *switching, const struct rung *rung, struct refusal *ret)
{
        struct launch *launch = &switching->launch;
        int r = restore_prepare(launch, rung, &switching->plan, ret);

        if (r < 0)
                return r;
        switching->is_ordered = true;
        r = restore_order(launch, rung, &switching->plan, ret);
        if (r >= 0) {
                r = watch(switching);
                if (r < 0)
                        (void) refuse(ret, r, "restore-failed", "the launcher cannot watch the restore");
        }
        if (r < 0)
                abandon_rung(switching);
        return r;
}

static void descend(struct switching *switching)
{
        for (; switching->at < switching->rungs.n; switching->at++) {
                const struct rung *rung = &switching->rungs.rungs[switching->at];
                struct refusal refusal;
                if (try_rung(switching, rung, &refusal) >= 0)
                        return;
                restore_remember(&switching->launch, rung, &refusal);
        }
        switching->done(switching->context, &switching->launch.outcome.reason);
}

static int on_answer_due(sd_event_source *, uint64_t, void *userdata)
{
        struct switching *switching = userdata;

        // What is there, or nothing.
        restore_list_rungs(&switching->launch, 0, &switching->rungs);
        switching->answer_due = sd_event_source_disable_unref(switching->answer_due);
        bus_close(&switching->launch.bus);
        descend(switching);
        return 0;
}

static void on_answer(void *context)
{
        const struct switching *switching = context;

        // Not from in here: the bus is at work.
        (void) sd_event_source_set_time(switching->answer_due, monotonic_us());
}

static int ask(struct switching *switching)
{
        struct launch *launch = &switching->launch;
        uint64_t due = launch->outcome.start_us;
        int r = bus_ask(&launch->bus, launch->options.application, launch->options.configuration);

        if (r >= 0)
                r = bus_watch(&launch->bus, switching->event, on_answer, switching);
        if (r >= 0 && !launch->bus.answered)
                due += ANSWER_TIMEOUT_US;
        return sd_event_add_time(switching->event, &switching->answer_due, CLOCK_MONOTONIC, due, ACCURACY_US,
                                 on_answer_due, switching);
}

int switching_start(const struct launch *running, const char *configuration, sd_event *event,
                    switching_done done, void *context, struct switching **ret, struct refusal *ret_refusal)
{
        struct switching *switching = calloc(1, sizeof(*switching));
        enum phase phase;
        int r;

        if (!switching)
                return refuse(ret_refusal, -ENOMEM, "restore-failed", "out of memory");
        *switching =
            (struct switching){.launch = *running, .event = event, .done = done, .context = context};
        (void) snprintf(switching->configuration, sizeof(switching->configuration), "%s", configuration);
        switching->launch.options.configuration = switching->configuration;
        switching->launch.bus = (struct bus){0};
        switching->launch.cell = CELL_NONE;
        switching->launch.outcome = (struct outcome){
            .switched = true, .realtime_us = clock_us(CLOCK_REALTIME), .start_us = monotonic_us()};
        // It may have been exchanged since the launcher's start.
        r = criu_find(&switching->launch.criu);
        if (r < 0) {
                (void) refuse(ret_refusal, r, "no-criu", CRIU_MISSING);
        } else {
                r = ask(switching);
                if (r < 0)
                        (void) refuse(ret_refusal, r, "restore-failed", "the launcher cannot wait");
        }
        if (r < 0) {
                (void) switching_free(switching);
                return r;
        }
        // A failure shows again when the cell is needed.
        (void) restore_open_cell(&switching->launch, &phase);
        *ret = switching;
        return 0;
}

struct launch *switching_launch(struct switching *switching)
{
        return &switching->launch;
}

struct switching *switching_free(struct switching *switching)
{
        if (!switching)
                return NULL;
        if (switching->is_ordered)
                abandon_rung(switching);
        switching->answer_due = sd_event_source_disable_unref(switching->answer_due);
        bus_close(&switching->launch.bus);
        cell_close(&switching->launch.cell);
        free(switching);
        return NULL;
}
