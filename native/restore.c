// Takes one snapshot after the other from judgement to a running application. Waits for nothing but the
// activator.
#include "restore.h"

#include "allowance.h"
#include "clock.h"
#include "criu-log.h"
#include "directory.h"
#include "paths.h"
#include "plan-check.h"
#include "shortage.h"
#include "single-use.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define RESTORE_LOG "restore.log"

// What init may need beyond criu's own deadline.
enum { RESTORE_MARGIN_US = 2 * 1000 * 1000 };

static void explain_silence(int error, struct refusal *ret)
{
        switch (error) {
        case -ETIMEDOUT:
                (void) refuse(ret, error, "activator-late", "The activator did not answer within %d ms",
                              ANSWER_TIMEOUT_US / 1000);
                break;
        case -ENXIO:
        case -EHOSTUNREACH:
                (void) refuse(ret, error, "activator-away", "The activator is not on the bus");
                break;
        case -EBADR:
        case -EBADMSG:
                (void) refuse(
                    ret, error, "activator-strange",
                    "Another program has the activator's name on the bus, or one of another version");
                break;
        default:
                (void) refuse(ret, error, "activator-away",
                              "The system bus, by which the activator is asked, cannot be reached: %s",
                              strerror(-error));
        }
}

static void add_rung(struct rungs *rungs, const struct launch *launch, const char *snapshot,
                     bool is_vouched_for)
{
        struct rung *rung = &rungs->rungs[rungs->n++];

        rung->is_vouched_for = is_vouched_for;
        memcpy(rung->snapshot, snapshot, sizeof(rung->snapshot));
        (void) snprintf(rung->directory, sizeof(rung->directory), STATE_DIRECTORY "/%s/snapshots/%s",
                        launch->options.application, snapshot);
}

// The id, so that a failure is told of the snapshot and not of a link that soon leads elsewhere. What is no
// link of the store's, or none at all, names nothing.
static bool follow(const struct launch *launch, const char *link, char ret[static SNAPSHOT_ID_LENGTH + 1])
{
        static const char folder[] = "snapshots/";
        const size_t skipped = sizeof(folder) - 1;
        char path[PATH_MAX], target[sizeof(folder) + SNAPSHOT_ID_LENGTH + 1];
        ssize_t size;

        (void) snprintf(path, sizeof(path), STATE_DIRECTORY "/%s/%s", launch->options.application, link);
        size = readlink(path, target, sizeof(target) - 1);
        target[size < 0 ? 0 : size] = '\0';
        if (strncmp(target, folder, skipped) != 0 ||
            !hex_is_valid(target + skipped, strlen(target + skipped), SNAPSHOT_ID_LENGTH))
                return false;
        memcpy(ret, target + skipped, SNAPSHOT_ID_LENGTH + 1);
        return true;
}

void restore_list_rungs(struct launch *launch, uint64_t deadline_us, struct rungs *ret)
{
        struct outcome *outcome = &launch->outcome;
        struct ladder ladder;
        int r = bus_await(&launch->bus, deadline_us, &ladder);

        *ret = (struct rungs){0};
        outcome->answered_us = monotonic_us();
        if (r < 0) {
                // What somebody chose, then the newest of what is deployed. That there is no pin is the
                // usual case.
                static const char *const links[] = {"pin", "current"};
                outcome->answer = "plan";
                explain_silence(r, &outcome->silence);
                (void) refuse(&outcome->reason, 0, "no-snapshot", "no snapshot has been published");
                for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
                        char snapshot[SNAPSHOT_ID_LENGTH + 1];
                        if (follow(launch, links[i], snapshot))
                                add_rung(ret, launch, snapshot, false);
                }
                return;
        }
        outcome->answer = "activator";
        (void) refuse(&outcome->reason, 0, "no-snapshot", "the activator has no snapshot that may serve");
        for (size_t i = 0; i < ladder.n; i++)
                add_rung(ret, launch, ladder.snapshots[i], true);
}

int restore_open_cell(struct launch *launch, enum phase *ret_phase)
{
        if (launch->cell.pidfd >= 0)
                return 0;
        return cell_open(&launch->options, &launch->listeners, &launch->signal_mask, false, &launch->cell,
                         ret_phase);
}

int restore_make_work_directory(const struct launch *launch)
{
        char path[PATH_MAX];
        int r = directory_make(WORK_DIRECTORY, 0700);

        (void) snprintf(path, sizeof(path), WORK_DIRECTORY "/%s", launch->options.unit);
        return r < 0 ? r : directory_make(path, 0700);
}

// What criu said of another snapshot must not be taken for what it says of this one.
static int clear_work_directory(const struct launch *launch)
{
        char path[PATH_MAX];
        int r = restore_make_work_directory(launch);

        (void) snprintf(path, sizeof(path), WORK_DIRECTORY "/%s/" RESTORE_LOG, launch->options.unit);
        if (r >= 0 && unlink(path) < 0 && errno != ENOENT)
                r = -errno;
        return r;
}

int restore_prepare(struct launch *launch, const struct rung *rung, struct plan *ret,
                    struct refusal *ret_refusal)
{
        struct plan_expectation expected = {
            .application = launch->options.application,
            .configuration = launch->options.configuration,
            .snapshot = *rung->snapshot ? rung->snapshot : NULL,
            .criu = &launch->criu,
        };
        enum phase phase;
        int r;

        memcpy(launch->outcome.snapshot, rung->snapshot, sizeof(rung->snapshot));
        r = plan_load(rung->directory, ret, ret_refusal);
        // Its memory and the disk differ, or something else has its name.
        if (r < 0 && rung->is_vouched_for && strcmp(ret_refusal->code, "no-snapshot") == 0)
                return refuse(ret_refusal, r, "no-snapshot",
                              "the activator named this snapshot, and there is no %s/", rung->directory);
        if (r < 0)
                return r;
        ret->restore.is_vouched_for = rung->is_vouched_for;
        // A draft's plan names it.
        memcpy(launch->outcome.snapshot, ret->snapshot, sizeof(ret->snapshot));
        r = plan_check(ret, &expected, ret_refusal);
        if (r < 0)
                return r;
        r = restore_open_cell(launch, &phase);
        if (r < 0)
                return refuse(ret_refusal, r, phase_code(phase), "failed to %s: %s", phase_text(phase),
                              strerror(-r));
        return 0;
}

int restore_order(struct launch *launch, const struct rung *rung, const struct plan *plan,
                  struct refusal *ret_refusal)
{
        char images[PATH_MAX + sizeof("/criu")];
        int r = listeners_apply(&launch->listeners, plan);

        if (r < 0)
                return refuse(ret_refusal, r, "listeners-failed", "failed to set up the listeners: %s",
                              strerror(-r));
        if (rung->is_draft)
                (void) snprintf(images, sizeof(images), "%s/criu", rung->directory);
        else
                (void) snprintf(images, sizeof(images), STATE_DIRECTORY "/%s/snapshots/%s/criu",
                                launch->options.application, plan->snapshot);
        queue_remember(&launch->listeners, &launch->queue);
        r = clear_work_directory(launch);
        if (r < 0)
                return refuse(ret_refusal, r, "host-refused", "failed to prepare %s/%s/: %s", WORK_DIRECTORY,
                              launch->options.unit, strerror(-r));
        // A proof is no start.
        if (plan->is_for_once && !rung->is_draft) {
                r = single_use_claim(launch->options.application, plan->snapshot, ret_refusal);
                if (r < 0)
                        return r;
        }
        r = cell_order_restore(&launch->cell, launch->criu.path, images, &plan->restore);
        if (r < 0)
                return refuse(ret_refusal, r, "restore-failed", "failed to %s: %s",
                              phase_text(PHASE_CHANNEL), strerror(-r));
        return 0;
}

uint64_t restore_deadline(const struct plan *plan)
{
        return monotonic_us() + allowance_longest((uint64_t) plan->restore.deadline_ms * 1000) +
               RESTORE_MARGIN_US;
}

static int refuse_file(const struct plan_restore *plan, const struct report *report, struct refusal *ret)
{
        const char *path = report->file < plan->n_files ? plan->paths + plan->files[report->file].path : "";
        const char *why = strerror(report->error);

        if (report->error == ELOOP)
                why = "it, or a directory on the way, is a link now";
        else if (report->error == ESTALE)
                why = "it is another file now";
        return refuse(ret, -report->error,
                      shortage_is(report->error) ? "host-refused" : phase_code(report->phase),
                      "failed to %s: %s: %s", phase_text(report->phase), path, why);
}

// Of one whose log says nothing of it, or not enough.
static void describe_end(const struct plan *plan, const struct report *report, char *ret, size_t size)
{
        if (report->phase == PHASE_DEADLINE)
                (void) snprintf(ret, size, "criu was not done after %u ms", plan->restore.deadline_ms);
        else if (WIFSIGNALED(report->wait_status))
                (void) snprintf(ret, size, "criu was ended by SIG%s",
                                sigabbrev_np(WTERMSIG(report->wait_status)));
        else
                (void) snprintf(ret, size, "criu ended with exit status %d",
                                WEXITSTATUS(report->wait_status));
}

static int refuse_criu(const struct launch *launch, const struct plan *plan, const struct report *report,
                       struct refusal *ret)
{
        const char *code = phase_code(report->phase);
        // With what stands before it, it fits a refusal.
        char work[PATH_MAX], end[64], said[DETAIL_MAX - 96];

        (void) snprintf(work, sizeof(work), WORK_DIRECTORY "/%s", launch->options.unit);
        criu_log_errors(work, RESTORE_LOG, said, sizeof(said));
        // The snapshot is as good as before: it serves again once there is room.
        if (shortage_is_told(said) ||
            (WIFSIGNALED(report->wait_status) && shortage_ends_by(WTERMSIG(report->wait_status))))
                code = "host-refused";
        describe_end(plan, report, end, sizeof(end));
        if (!*said)
                return refuse(ret, -EIO, code, "failed to %s: %s, and left no error in its log",
                              phase_text(report->phase), end);
        // How one ended that has said why it did is of no interest.
        if (report->phase != PHASE_DEADLINE)
                return refuse(ret, -EIO, code, "failed to %s: %s", phase_text(report->phase), said);
        return refuse(ret, -EIO, code, "failed to %s: %s: %s", phase_text(report->phase), end, said);
}

static int refuse_report(const struct launch *launch, const struct plan *plan, const struct report *report,
                         struct refusal *ret)
{
        const char *code = phase_code(report->phase);

        if (report->phase == PHASE_FILES)
                return refuse_file(&plan->restore, report, ret);
        if (report->error == 0)
                return refuse_criu(launch, plan, report, ret);
        if (report->phase == PHASE_DEADLINE)
                return refuse(
                    ret, -report->error, "host-refused",
                    "failed to %s: criu had to wait for a processor or the disk for most of %.0f ms",
                    phase_text(report->phase),
                    (double) allowance_longest((uint64_t) plan->restore.deadline_ms * 1000) / 1000);
        // No process to run criu in, or no mount; but for what is not there to be mounted.
        if (report->phase == PHASE_SEED || (report->phase == PHASE_CRIU && report->error != ESRCH))
                code = "host-refused";
        else if (report->phase == PHASE_MEMORY && report->error != ENOENT)
                code = "namespaces-failed";
        return refuse(ret, -report->error, code, "failed to %s: %s", phase_text(report->phase),
                      strerror(report->error));
}

int restore_conclude(struct launch *launch, const struct plan *plan, int error, const struct report *report,
                     struct refusal *ret_refusal)
{
        if (error < 0)
                // Init was killed, or has been kept from saying anything; neither is the snapshot's doing.
                return refuse(ret_refusal, error, "host-refused", "failed to %s: %s",
                              phase_text(PHASE_CHANNEL), strerror(-error));
        if (report->kind != REPORT_STARTED)
                return refuse_report(launch, plan, report, ret_refusal);
        launch->outcome.namespaces_us = report->namespaces_us;
        launch->outcome.criu_start_us = report->criu_us;
        launch->outcome.criu_us = report->running_us;
        launch->outcome.pinned = plan_is_pinned(plan);
        launch->application = plan->restore.pid;
        launch->patience_us = (uint64_t) plan->restore.deadline_ms * 1000;
        // Nobody waits: init passes them on while the service is said to be ready. One that is gone says so.
        for (size_t i = 0; i < plan->n_signals; i++)
                (void) cell_signal(&launch->cell, plan->signals[i]);
        launch->n_hooks = plan->n_hooks;
        memcpy(launch->hooks, plan->hooks, plan->n_hooks * sizeof(plan->hooks[0]));
        return 0;
}

void restore_remember(struct launch *launch, const struct rung *rung, const struct refusal *refusal)
{
        struct outcome *outcome = &launch->outcome;
        struct failed_rung failed = {.refusal = *refusal};

        memcpy(failed.snapshot, outcome->snapshot, sizeof(failed.snapshot));
        if (outcome->n_failed == 0)
                outcome->reason = *refusal;
        // A link that leads nowhere is no failure.
        if (strcmp(refusal->code, "no-snapshot") != 0 || rung->is_vouched_for)
                outcome->failed[outcome->n_failed++] = failed;
}
