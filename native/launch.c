// Brings the application up: asks, descends the ladder, boots. Blocking and in order; each wait has a
// deadline. What happens once it runs is in serve.c.
#include "launch.h"

#include "clock.h"
#include "restore.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>

enum {
        // Until exec: the slowest step is looking up the user over a network.
        BOOT_TIMEOUT_US = 60 * 1000 * 1000,
        // With a cold boot after it, less than the 90 seconds that systemd gives by default.
        USUAL_START_US = 28 * 1000 * 1000,
};

// systemd ends a start that takes longer than TimeoutStartSec=, which knows of no ladder. A first rung of
// the usual length is well within.
static void extend_start(const struct launch *launch, uint64_t deadline_us)
{
        uint64_t now = monotonic_us();
        bool is_long = deadline_us > launch->outcome.start_us + USUAL_START_US;

        if (!launch->options.bake && launch->outcome.ready_us == 0 && deadline_us > now && is_long)
                (void) sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%" PRIu64, deadline_us - now + BOOT_TIMEOUT_US);
}

// On failure the cell is gone and the listeners are as systemd passes them.
static int restore(struct launch *launch, const struct rung *rung, struct refusal *ret)
{
        struct plan plan;
        struct report report;
        uint64_t deadline_us;
        int r = restore_prepare(launch, rung, &plan, ret);

        if (r < 0)
                return r;
        r = restore_order(launch, rung, &plan, ret);
        if (r >= 0) {
                deadline_us = restore_deadline(&plan);
                extend_start(launch, deadline_us);
                r = cell_await(&launch->cell, deadline_us, &report);
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

// Of an init that has said nothing. It was not refused its namespaces, or would have said so, but by a
// filter that ends whoever asks for them.
static int fail_silence(struct launch *launch, int error, struct launch_failure *ret)
{
        int status;

        ret->exit_status = EXIT_STATUS_FAILED;
        if (error == -ETIMEDOUT)
                return refuse(&ret->refusal, -1, "boot-failed",
                              "'%s' was not executed within %d seconds; before that its user and group are "
                              "looked up (nsswitch.conf(5)), and its working directory is entered",
                              launch->options.command[0], BOOT_TIMEOUT_US / (1000 * 1000));
        status = cell_kill(&launch->cell);
        if (!WIFSIGNALED(status))
                return refuse(&ret->refusal, -1, "boot-failed",
                              "the init process ended before it had executed '%s'",
                              launch->options.command[0]);
        if (WTERMSIG(status) == SIGSYS)
                ret->exit_status = EXIT_STATUS_NAMESPACES;
        return refuse(&ret->refusal, -1, "boot-failed",
                      "the init process was ended by SIG%s before it had executed '%s'",
                      sigabbrev_np(WTERMSIG(status)), launch->options.command[0]);
}

static int open_plain_cell(struct launch *launch, enum phase *ret_phase)
{
        cell_close(&launch->cell);
        return cell_open(&launch->options, &launch->listeners, &launch->signal_mask, true, &launch->cell,
                         ret_phase);
}

static int boot_in(struct launch *launch, bool is_plain, struct launch_failure *ret)
{
        struct report report;
        enum phase phase = PHASE_CHANNEL;
        int r;

        // O_NONBLOCK stays with a listener from one start to the next.
        listeners_reset(&launch->listeners);
        r = is_plain ? open_plain_cell(launch, &phase) : restore_open_cell(launch, &phase);
        if (r < 0)
                return fail_boot(launch, phase, -r, ret);
        r = cell_order_boot(&launch->cell);
        if (r >= 0)
                r = cell_await(&launch->cell, monotonic_us() + BOOT_TIMEOUT_US, &report);
        if (r < 0)
                return fail_silence(launch, r, ret);
        if (report.kind != REPORT_STARTED)
                return fail_boot(launch, report.phase, report.error, ret);
        launch->outcome.namespaces_us = report.namespaces_us;
        launch->application = report.application;
        return 0;
}

// Where namespaces are refused, by a drop-in or by the kernel, the application still boots. A bake has no
// use for that: it could not be dumped.
static int boot(struct launch *launch, struct launch_failure *ret)
{
        int r = boot_in(launch, false, ret);

        if (r >= 0 || ret->exit_status != EXIT_STATUS_NAMESPACES || launch->options.bake)
                return r;
        launch->outcome.plain = ret->refusal;
        return boot_in(launch, true, ret);
}

static bool restore_any(struct launch *launch)
{
        for (; launch->at < launch->rungs.n; launch->at++) {
                const struct rung *rung = &launch->rungs.rungs[launch->at];
                struct refusal refusal;
                if (restore(launch, rung, &refusal) == 0)
                        return launch->outcome.restored = true;
                restore_remember(launch, rung, &refusal);
        }
        return false;
}

static int descend(struct launch *launch, struct launch_failure *ret_failure)
{
        if (restore_any(launch)) {
                launch->how = HOW_RESTORED;
                return 0;
        }
        launch->how = HOW_COLD;
        return boot(launch, ret_failure);
}

int launch_next(struct launch *launch, const struct refusal *why, struct launch_failure *ret_failure)
{
        restore_remember(launch, &launch->rungs.rungs[launch->at++], why);
        launch->outcome.restored = launch->outcome.pinned = false;
        launch->outcome.criu_start_us = launch->outcome.criu_us = 0;
        launch->n_hooks = 0;
        listeners_reset(&launch->listeners);
        return descend(launch, ret_failure);
}

int launch_service(struct launch *launch, struct launch_failure *ret_failure)
{
        enum phase phase;

        launch->outcome.answer = "none";
        if (!launch->criu.path) {
                (void) refuse(&launch->outcome.reason, 0, "no-criu", CRIU_MISSING);
        } else {
                // Nothing from here to the answer needs the bus: it works meanwhile.
                (void) bus_ask(&launch->bus, launch->options.application, launch->options.configuration);
                // A failure shows again when the cell is needed.
                (void) restore_open_cell(launch, &phase);
                restore_list_rungs(launch, launch->outcome.start_us + ANSWER_TIMEOUT_US, &launch->rungs);
        }
        return descend(launch, ret_failure);
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
                return refuse(ret_refusal, -1, "no-criu", CRIU_MISSING);
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
