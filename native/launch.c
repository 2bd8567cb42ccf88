// Brings the application up: asks, descends the ladder, boots. Blocking and in order; each wait has a
// deadline. What happens once it runs is in serve.c.
#include "launch.h"

#include "clock.h"
#include "restore.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
        // Until exec: the slowest step is looking up the user over a network.
        BOOT_TIMEOUT_US = 60 * 1000 * 1000,
};

// On failure the cell is gone and the listeners are as systemd passes them.
static int restore(struct launch *launch, const struct rung *rung, struct refusal *ret)
{
        struct plan plan;
        struct report report;
        int r = restore_prepare(launch, rung, &plan, ret);

        if (r < 0)
                return r;
        r = restore_order(launch, rung, &plan, ret);
        if (r >= 0) {
                r = cell_await(&launch->cell, restore_deadline(&plan), &report);
                r = restore_conclude(launch, &plan, r, &report, ret);
        }
        if (r < 0) {
                cell_close(&launch->cell);
                listeners_reset(&launch->listeners);
        }
        return r;
}

// What the phase was about, where the operator chose it.
static const char *object_of(const struct options *options, enum phase phase)
{
        if (phase == PHASE_EXEC)
                return options->command[0];
        if (phase == PHASE_USER)
                return options->user;
        if (phase == PHASE_GROUP)
                return options->group;
        return phase == PHASE_DIRECTORY ? options->directory : NULL;
}

static int fail_boot(const struct launch *launch, enum phase phase, int error, struct launch_failure *ret)
{
        const char *object = object_of(&launch->options, phase);
        // NSS knows no such name; "No such process" would send the reader elsewhere.
        const char *why = error == ESRCH ? "there is none" : strerror(error);

        ret->exit_status = phase_exit_status(phase);
        return refuse(&ret->refusal, -1, "boot-failed", "failed to %s%s%s%s: %s", phase_text(phase),
                      object ? " '" : "", object ? object : "", object ? "'" : "", why);
}

static int boot(struct launch *launch, struct launch_failure *ret)
{
        struct report report;
        enum phase phase = PHASE_CHANNEL;
        int r;

        // O_NONBLOCK stays with a listener from one start to the next.
        listeners_reset(&launch->listeners);
        r = restore_open_cell(launch, &phase);
        if (r >= 0)
                r = cell_order_boot(&launch->cell);
        if (r >= 0)
                r = cell_await(&launch->cell, monotonic_us() + BOOT_TIMEOUT_US, &report);
        if (r < 0)
                return fail_boot(launch, phase, -r, ret);
        if (report.kind != REPORT_STARTED)
                return fail_boot(launch, report.phase, report.error, ret);
        launch->outcome.namespaces_us = report.namespaces_us;
        // The first child of a PID 1.
        launch->application = 2;
        return 0;
}

static bool restore_any(struct launch *launch)
{
        struct rungs rungs;

        restore_list_rungs(launch, launch->outcome.start_us + ANSWER_TIMEOUT_US, &rungs);
        for (size_t i = 0; i < rungs.n; i++) {
                struct refusal refusal;
                if (restore(launch, &rungs.rungs[i], &refusal) == 0)
                        return launch->outcome.restored = true;
                restore_remember(launch, &rungs.rungs[i], &refusal);
        }
        return false;
}

int launch_service(struct launch *launch, struct launch_failure *ret_failure)
{
        enum phase phase;

        launch->outcome.answer = "none";
        if (!launch->criu.path) {
                (void) refuse(&launch->outcome.reason, 0, "no-criu", "criu is not installed");
        } else {
                // Nothing from here to the answer needs the bus: it works meanwhile.
                (void) bus_ask(&launch->bus, launch->options.application, launch->options.configuration);
                // A failure shows again when the cell is needed.
                (void) restore_open_cell(launch, &phase);
                if (restore_any(launch)) {
                        launch->how = HOW_RESTORED;
                        return 0;
                }
        }
        launch->how = HOW_COLD;
        return boot(launch, ret_failure);
}

static int renew_listeners(struct launch *launch, struct refusal *ret)
{
        int r = listeners_bind_scratch(&launch->options, &launch->listeners);

        if (r < 0)
                return refuse(ret, -1, "listeners-failed", "failed to bind the scratch listeners: %s",
                              strerror(-r));
        return 0;
}

int launch_bake(struct launch *launch, struct refusal *ret_refusal)
{
        struct launch_failure failure;

        if (renew_listeners(launch, ret_refusal) < 0)
                return -1;
        if (boot(launch, &failure) < 0) {
                cell_close(&launch->cell);
                *ret_refusal = failure.refusal;
                return -1;
        }
        launch->how = HOW_BAKE;
        return 0;
}

int launch_prove(struct launch *launch, const char *directory, struct refusal *ret_refusal)
{
        struct rung rung = {0};

        if (!launch->criu.path)
                return refuse(ret_refusal, -1, "no-criu", "criu is not installed");
        if (snprintf(rung.directory, sizeof(rung.directory), "%s", directory) >=
            (int) sizeof(rung.directory))
                return refuse(ret_refusal, -1, "restore-failed", "the path of the snapshot is too long");
        rung.is_draft = true;
        if (renew_listeners(launch, ret_refusal) < 0)
                return -1;
        if (restore(launch, &rung, ret_refusal) < 0)
                return -1;
        launch->how = HOW_PROVE;
        return 0;
}
