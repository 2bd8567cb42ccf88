// The life of PID 1: furnish the namespaces, await the order, boot (init-boot.c) or restore, then reap and
// forward until the application ends (init-watch.c). It decides nothing, logs nothing, and never outlives
// the main process.
#include "init.h"

#include "allowance.h"
#include "cleanup.h"
#include "clock.h"
#include "exposed.h"
#include "init-boot.h"
#include "init-watch.h"
#include "namespaces.h"
#include "paths.h"
#include "seed.h"
#include "shelter.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

void forwarded_signals(sigset_t *ret)
{
        static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGQUIT, SIGWINCH, SIGCONT};

        (void) sigemptyset(ret);
        for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
                (void) sigaddset(ret, signals[i]);
}

// Keeps the three descriptors right above the listeners and closes the rest: the bus connection among it,
// which must end when the main process ends it.
static int keep_descriptors(struct init_context *context)
{
        int *kept[] = {&context->channel, &context->out, &context->err};
        enum { N = sizeof(kept) / sizeof(kept[0]) };
        int first = LISTENERS_FIRST + (int) context->listeners->n;

        // First out of each other's way, then down to their places.
        for (int i = 0; i < N; i++) {
                *kept[i] = fcntl(*kept[i], F_DUPFD_CLOEXEC, first + N);
                if (*kept[i] < 0)
                        return -errno;
        }
        for (int i = 0; i < N; i++) {
                *kept[i] = dup3(*kept[i], first + i, O_CLOEXEC);
                if (*kept[i] < 0)
                        return -errno;
        }
        return close_range((unsigned) (first + N), ~0U, 0) < 0 ? -errno : 0;
}

void init_report(struct init *init, enum report_kind kind)
{
        init->report.kind = kind;
        // Nobody hears us: the main process is gone, and with us goes everything in here.
        if (send(init->context.channel, &init->report, sizeof(init->report), MSG_NOSIGNAL) < 0)
                _exit(EXIT_STATUS_FAILED);
}

// What failed is killed from outside, with all that is left in here.
static _Noreturn void fail(struct init *init, enum phase phase, int error)
{
        init->report.phase = phase;
        init->report.error = error;
        init_report(init, REPORT_FAILED);
        if (init->context.is_plain)
                _exit(EXIT_STATUS_FAILED);
        for (;;)
                (void) pause();
}

static int raise_pid_floor(pid_t floor)
{
        _cleanup_close_ int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
        char text[16];
        int size = snprintf(text, sizeof(text), "%d", floor);

        if (fd < 0)
                return -errno;
        // proc_sys_kernel(5): the next PID of this namespace follows the written one. Needs
        // CAP_CHECKPOINT_RESTORE. criu and its helpers start there and leave the low numbers to the tasks in
        // the images.
        return write(fd, text, (size_t) size) != size ? -errno : 0;
}

static void restore(struct init *init, const struct order *order)
{
        struct allowance allowance = allowance_begin((uint64_t) order->plan.deadline_ms * 1000);
        char work[PATH_MAX];
        int status = 0, r, ends[2];
        struct exposed_failure failure;
        pid_t criu;

        r = raise_pid_floor(order->plan.pid_floor);
        if (r < 0)
                fail(init, PHASE_PID_FLOOR, -r);
        r = order->plan.is_mapped ? namespaces_mount_memory(order->images) : 0;
        if (r < 0)
                fail(init, PHASE_MEMORY, -r);
        // Whoever is promised a seed must not go on with the numbers of the snapshot.
        r = order->plan.has_seed ? seed_write() : 0;
        if (r < 0)
                fail(init, PHASE_SEED, -r);
        // criu makes the root task our child by CLONE_PARENT (--restore-sibling), so that we reap and
        // forward.
        init->application = order->plan.pid;
        (void) snprintf(work, sizeof(work), WORK_DIRECTORY "/%s", init->context.options->unit);
        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
                fail(init, PHASE_CRIU, errno);
        init->report.criu_us = monotonic_us();
        criu = fork();
        if (criu < 0)
                fail(init, PHASE_CRIU, errno);
        if (criu == 0)
                _exit(criu_exec_restore(&(struct criu_restore){
                    .path = order->criu,
                    .images = order->images,
                    .work = work,
                    .plan = &order->plan,
                    .descriptors = {LISTENERS_FIRST, init->context.out, init->context.err},
                    .signal_mask = &init->context.signal_mask,
                    .failure = ends[1],
                }));

        // The application may end while criu still tidies up; only criu's own end tells whether it was
        // restored.
        while (!reap(init, criu, &status)) {
                struct pollfd waited = {.fd = init->signals, .events = POLLIN};
                struct signalfd_siginfo info;
                int left = ms_until(allowance.deadline_us);
                if (left == 0 || poll(&waited, 1, left) == 0) {
                        if (allowance_extend(&allowance, "/proc"))
                                continue;
                        fail(init, PHASE_DEADLINE, allowance_is_used_up(&allowance) ? ETIME : 0);
                }
                (void) !read(init->signals, &info, sizeof(info));
        }
        if (read(ends[0], &failure, sizeof(failure)) == (ssize_t) sizeof(failure)) {
                init->report.file = failure.file;
                fail(init, PHASE_FILES, failure.error);
        }
        (void) close(ends[0]);
        (void) close(ends[1]);
        init->report.wait_status = status;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
                fail(init, PHASE_CRIU, 0);
        if (!init->application_ended &&
            waitid(P_PID, (id_t) order->plan.pid, &(siginfo_t){0}, WEXITED | WNOHANG | WNOWAIT) < 0)
                fail(init, PHASE_CRIU, ESRCH);
}

static void boot(struct init *init)
{
        struct application_failure failure = init_boot(init);

        if (failure.phase != PHASE_NONE)
                fail(init, failure.phase, failure.error);
}

static bool order_is_whole(const struct order *order, ssize_t size)
{
        return size >= (ssize_t) offsetof(struct order, plan.paths) &&
               size == (ssize_t) (offsetof(struct order, plan.paths) + order->plan.paths_size);
}

// Orphans of the application come to us in any case: to a PID 1 by nature.
static void furnish(struct init *init)
{
        enum phase phase = PHASE_NONE;
        int r;

        if (init->context.is_plain) {
                if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
                        fail(init, PHASE_CLONE, errno);
                return;
        }
        r = namespaces_enter_root(&phase);
        init->report.namespaces_us = monotonic_us();
        if (r < 0)
                fail(init, phase, -r);
}

_Noreturn void init_run(struct init_context context)
{
        struct init init = {.context = context};
        struct order order;
        sigset_t all;
        ssize_t n;
        int r;

        // The kernel ends us with the main process. It may be gone already, which getppid(2) cannot tell
        // across PID namespaces; the end of file on the channel does.
        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        // A signal from outside reaches a PID 1 only when it is blocked or handled (pid_namespaces(7)).
        (void) sigfillset(&all);
        (void) sigprocmask(SIG_SETMASK, &all, NULL);

        r = keep_descriptors(&init.context);
        if (r < 0)
                fail(&init, PHASE_DESCRIPTORS, -r);
        init.signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
        if (init.signals < 0)
                fail(&init, PHASE_DESCRIPTORS, errno);
        furnish(&init);

        n = recv(init.context.channel, &order, sizeof(order), 0);
        if (n < (ssize_t) offsetof(struct order, criu))
                _exit(EXIT_STATUS_OK);
        // Should it fail: an application that removes them is rare, and a start that fails is worse.
        if (!init.context.options->bake && !init.context.is_plain)
                (void) shelter_pin(init.context.listeners, init.context.options);
        if (order.kind == ORDER_RESTORE && order_is_whole(&order, n))
                restore(&init, &order);
        else
                boot(&init);
        init.report.running_us = monotonic_us();
        // The write ends belong to the application now: end of file on the pipes is to mean that it closed
        // them.
        (void) close(init.context.out);
        (void) close(init.context.err);
        init_report(&init, REPORT_STARTED);
        init_watch(&init);
}
