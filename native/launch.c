// Brings the application up: asks, descends the ladder, boots. Blocking and in order; each wait has a
// deadline. What happens once it runs is in serve.c.
#include "launch.h"

#include "cleanup.h"
#include "clock.h"
#include "criu-log.h"
#include "directory.h"
#include "paths.h"
#include "plan-check.h"
#include <stdio.h>
#include <string.h>

enum {
        // Activate was sent before anything else; an activator that takes longer than this is not waited
        // for.
        ANSWER_TIMEOUT_US = 200 * 1000,
        // What init may need beyond criu's own deadline.
        RESTORE_MARGIN_US = 2 * 1000 * 1000,
        // Until exec: the slowest step is looking up the user over a network.
        BOOT_TIMEOUT_US = 60 * 1000 * 1000,
};

// A snapshot as a rung: where its plan is, and what it must say.
struct rung {
        char plan_directory[PATH_MAX];
        const char *snapshot; // NULL: whatever the plan says
        const char *images;   // NULL: those of the plan's snapshot in the store
};

static int open_cell(struct launch *launch, enum phase *ret_phase)
{
        if (launch->cell.pidfd >= 0)
                return 0;
        return cell_open(&launch->options, &launch->listeners, &launch->signal_mask, &launch->cell,
                         ret_phase);
}

int launch_make_work_directory(const struct launch *launch)
{
        char path[PATH_MAX];
        int r = directory_make(WORK_DIRECTORY, 0700);

        (void) snprintf(path, sizeof(path), WORK_DIRECTORY "/%s", launch->options.unit);
        return r < 0 ? r : directory_make(path, 0700);
}

static int refuse_report(const struct launch *launch, const struct report *report, struct refusal *ret)
{
        char work[PATH_MAX], said[DETAIL_MAX] = "";

        (void) snprintf(work, sizeof(work), WORK_DIRECTORY "/%s", launch->options.unit);
        if (report->phase == PHASE_CRIU || report->phase == PHASE_DEADLINE)
                criu_log_errors(work, "restore.log", said, sizeof(said));
        if (report->error > 0)
                return refuse(ret, -report->error, phase_code(report->phase), "failed to %s: %s",
                              phase_text(report->phase), strerror(report->error));
        return refuse(ret, -EIO, phase_code(report->phase), "failed to %s: %s", phase_text(report->phase),
                      *said ? said : "it left no error in its log");
}

static int order_restore(struct launch *launch, const struct plan *plan, const char *images,
                         struct refusal *ret)
{
        struct report report;
        int r = listeners_apply(&launch->listeners, plan);

        if (r < 0)
                return refuse(ret, r, "listeners-failed", "failed to set up the listeners: %s",
                              strerror(-r));
        r = launch_make_work_directory(launch);
        if (r >= 0)
                r = cell_order_restore(&launch->cell, launch->criu.path, images, &plan->restore);
        if (r >= 0)
                r = cell_await(&launch->cell,
                               monotonic_us() + (uint64_t) plan->restore.deadline_ms * 1000 +
                                   RESTORE_MARGIN_US,
                               &report);
        if (r < 0)
                return refuse(ret, r, "restore-failed", "failed to %s: %s", phase_text(PHASE_CHANNEL),
                              strerror(-r));
        if (report.kind != REPORT_STARTED)
                return refuse_report(launch, &report, ret);
        launch->outcome.namespaces_us = report.namespaces_us;
        launch->outcome.criu_us = report.running_us;
        launch->application = plan->restore.pid;
        return 0;
}

// On failure the cell is gone and the listeners are as systemd passes them.
static int restore(struct launch *launch, const struct rung *rung, struct refusal *ret)
{
        struct plan_expectation expected = {
            .application = launch->options.application,
            .configuration = launch->options.configuration,
            .snapshot = rung->snapshot,
            .criu = &launch->criu,
        };
        struct plan plan;
        char images[PATH_MAX];
        enum phase phase;
        int r = plan_load(rung->plan_directory, &plan, ret);

        if (r < 0)
                return r;
        // From here on the plan names the snapshot, whatever `current` becomes meanwhile.
        memcpy(launch->outcome.snapshot, plan.snapshot, sizeof(plan.snapshot));
        r = plan_check(&plan, &expected, ret);
        if (r < 0)
                return r;
        if (rung->images)
                (void) snprintf(images, sizeof(images), "%s", rung->images);
        else
                (void) snprintf(images, sizeof(images), STATE_DIRECTORY "/%s/snapshots/%s/criu",
                                launch->options.application, plan.snapshot);
        r = open_cell(launch, &phase);
        if (r < 0)
                return refuse(ret, r, phase_code(phase), "failed to %s: %s", phase_text(phase),
                              strerror(-r));
        r = order_restore(launch, &plan, images, ret);
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
        r = open_cell(launch, &phase);
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

// Tries one rung and remembers why it failed. True when the application runs.
static bool try_rung(struct launch *launch, const struct rung *rung)
{
        struct outcome *outcome = &launch->outcome;
        struct failed_rung failed = {0};

        (void) snprintf(outcome->snapshot, sizeof(outcome->snapshot), "%s",
                        rung->snapshot ? rung->snapshot : "current");
        if (restore(launch, rung, &failed.refusal) == 0)
                return outcome->restored = true;
        memcpy(failed.snapshot, outcome->snapshot, sizeof(failed.snapshot));
        if (outcome->n_failed == 0)
                outcome->reason = failed.refusal;
        // That nothing was published yet is no failure.
        if (strcmp(failed.refusal.code, "no-snapshot") != 0 || rung->snapshot)
                outcome->failed[outcome->n_failed++] = failed;
        return false;
}

static bool descend(struct launch *launch, const struct ladder *ladder)
{
        for (size_t i = 0; i < ladder->n; i++) {
                struct rung rung = {.snapshot = ladder->snapshots[i]};
                (void) snprintf(rung.plan_directory, sizeof(rung.plan_directory),
                                STATE_DIRECTORY "/%s/snapshots/%s", launch->options.application,
                                rung.snapshot);
                if (try_rung(launch, &rung))
                        return true;
        }
        return false;
}

static bool restore_any(struct launch *launch)
{
        uint64_t deadline = launch->outcome.start_us + ANSWER_TIMEOUT_US;
        struct outcome *outcome = &launch->outcome;
        struct ladder ladder;
        static const char *const links[] = {"pin", "current"};
        int r = bus_await(&launch->bus, deadline, &ladder);

        outcome->answered_us = monotonic_us();
        if (r >= 0) {
                outcome->answer = "activator";
                (void) refuse(&outcome->reason, 0, "no-snapshot",
                              "the activator has no snapshot that may serve");
                return descend(launch, &ladder);
        }
        outcome->answer = "plan";
        // What somebody chose, then what was published last. That there is no pin is the usual case.
        for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
                struct rung rung = {0};
                (void) snprintf(rung.plan_directory, sizeof(rung.plan_directory), STATE_DIRECTORY "/%s/%s",
                                launch->options.application, links[i]);
                if (try_rung(launch, &rung))
                        return true;
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
                (void) open_cell(launch, &phase);
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
        char images[PATH_MAX];

        if (!launch->criu.path)
                return refuse(ret_refusal, -1, "no-criu", "criu is not installed");
        if (snprintf(images, sizeof(images), "%s/criu", directory) >= (int) sizeof(images))
                return refuse(ret_refusal, -1, "restore-failed", "the path of the snapshot is too long");
        (void) snprintf(rung.plan_directory, sizeof(rung.plan_directory), "%s", directory);
        rung.images = images;
        if (renew_listeners(launch, ret_refusal) < 0)
                return -1;
        if (restore(launch, &rung, ret_refusal) < 0)
                return -1;
        launch->how = HOW_PROVE;
        return 0;
}
