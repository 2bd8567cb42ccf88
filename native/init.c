// The life of PID 1: furnish the namespaces, await the order, boot or restore, then reap and forward until
// the application ends. It decides nothing, logs nothing, and never outlives the main process.
#include "init.h"

#include "adopt.h"
#include "allowance.h"
#include "application.h"
#include "capabilities.h"
#include "cleanup.h"
#include "clock.h"
#include "exposed.h"
#include "namespaces.h"
#include "paths.h"
#include "seed.h"
#include "shelter.h"
#include "stop.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

// How long those whom the application left behind may take to end, once they were told to: a little less
// than TimeoutStopSec= by default, at which systemd takes the whole stop for a failure.
enum { LEFT_BEHIND_TIMEOUT_US = 80 * 1000 * 1000 };

struct init {
        struct init_context context;
        int signals;
        pid_t application; // 0: not yet
        pid_t adoption;    // who answers its bind(2); 0: nobody
        bool application_ended;
        int wait_status;
        struct stop stop; // of the signals that the application was sent
        struct report report;
};

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

static void send_report(struct init *init, enum report_kind kind)
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
        send_report(init, REPORT_FAILED);
        if (init->context.is_plain)
                _exit(EXIT_STATUS_FAILED);
        for (;;)
                (void) pause();
}

// Reaps all there is to reap. Returns true when `awaited` was among it.
static bool reap(struct init *init, pid_t awaited, int *ret_status)
{
        bool seen = false;

        for (;;) {
                int status;
                pid_t pid = waitpid(-1, &status, WNOHANG);
                if (pid <= 0)
                        return seen;
                if (pid == init->application) {
                        init->application_ended = true;
                        init->wait_status = status;
                }
                if (pid == init->adoption)
                        init->adoption = 0;
                if (pid == awaited) {
                        *ret_status = status;
                        seen = true;
                }
        }
}

// A child beside the application that answers its bind(2). It keeps nothing but what it needs for that:
// whoever waits for the end of the application's streams, or of ours, must not wait for it.
static void start_adoption(struct init *init, int questions)
{
        unsigned kept = LISTENERS_FIRST + (unsigned) init->context.listeners->n;
        pid_t pid = fork();

        if (pid < 0)
                fail(init, PHASE_FILTER, errno);
        if (pid > 0) {
                init->adoption = pid;
                return;
        }
        if (dup3(questions, (int) kept, O_CLOEXEC) < 0 || close_range(kept + 1, ~0U, 0) < 0)
                _exit(EXIT_STATUS_FAILED);
        adopt_serve((int) kept, init->context.listeners, init->context.options);
}

static void boot(struct init *init)
{
        struct application_failure failure;
        int ends[2], questions;
        ssize_t n;

        // Should it fail: whoever boots seeds itself, and finds nothing that it is told of. It takes a
        // mount, which the host must not see.
        if (init->context.options->seed && !init->context.is_plain)
                (void) seed_write();
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
                fail(init, PHASE_STDIO, errno);
        init->application = fork();
        if (init->application < 0)
                fail(init, PHASE_EXEC, errno);
        if (init->application == 0) {
                failure = application_exec(&init->context, ends[1]);
                (void) !write(ends[1], &failure, sizeof(failure));
                _exit((int) phase_exit_status(failure.phase));
        }
        (void) close(ends[1]);
        while ((n = adopt_receive(ends[0], &failure, sizeof(failure), &questions)) > 0 && questions >= 0) {
                start_adoption(init, questions);
                (void) close(questions);
        }
        (void) close(ends[0]);
        if (n == (ssize_t) sizeof(failure))
                fail(init, failure.phase, failure.error);
        init->report.application = init->application;
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

static void forward(struct init *init, int signal)
{
        if (init->application_ended)
                return;
        (void) stop_note(&init->stop, signal);
        (void) kill(init->application, signal);
}

// A shell around the server dies of the signal and passes it on to nobody, and a helper in a session of its
// own may hear of nothing. Returns until when to wait for those who are left; 0 is not at all.
static uint64_t tell_left_behind(const struct init *init)
{
        bool died_of_it = WIFSIGNALED(init->wait_status) && WTERMSIG(init->wait_status) == init->stop.signal;

        // An end of its own accord is answered at once, by a restart. Without a PID namespace everybody
        // would be the whole host; who is left in the cgroup then hears of it from systemd.
        if (init->context.is_plain || (!init->stop.is_told && !died_of_it))
                return 0;
        // kill(2): -1 is everybody in this PID namespace but us.
        (void) kill(-1, init->stop.signal);
        return monotonic_us() + LEFT_BEHIND_TIMEOUT_US;
}

// Orphans are ours: without children, nobody is left.
static bool has_children(void)
{
        return waitid(P_ALL, 0, &(siginfo_t){0}, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static void receive_signals(struct init *init)
{
        struct signalfd_siginfo info;
        sigset_t forwarded;

        forwarded_signals(&forwarded);
        while (read(init->signals, &info, sizeof(info)) == (ssize_t) sizeof(info)) {
                int signal = (int) info.ssi_signo;
                if (sigismember(&forwarded, signal) == 1)
                        forward(init, signal);
        }
}

// With us goes everything in here. Without a PID namespace we see to the application, and systemd, which
// kills what is left in the cgroup, to those who have left its process group.
static _Noreturn void leave(const struct init *init)
{
        if (init->context.is_plain && init->application > 0 && !init->application_ended)
                (void) kill(-init->application, SIGKILL);
        _exit(EXIT_STATUS_OK);
}

// All of them: what follows the signal of a stop is to be known before the end that it brings about.
static void receive_orders(struct init *init)
{
        struct order order;
        ssize_t n;

        while ((n = recv(init->context.channel, &order, sizeof(order), MSG_DONTWAIT)) > 0)
                if (n >= (ssize_t) offsetof(struct order, criu) && order.kind == ORDER_SIGNAL)
                        forward(init, order.signal);
        // End of file: the main process is gone, or has no more use for us.
        if (n == 0)
                leave(init);
}

// Until the main process has us killed: it may still have business in these namespaces, a criu that dumps.
static _Noreturn void reap_and_forward(struct init *init)
{
        bool has_ended = false, told = false;
        uint64_t deadline = 0;

        for (;;) {
                struct pollfd waited[] = {
                    {.fd = init->signals, .events = POLLIN},
                    {.fd = init->context.channel, .events = POLLIN},
                };
                int ignored;

                (void) reap(init, 0, &ignored);
                if (init->application_ended && !has_ended) {
                        has_ended = true;
                        // Nobody waits for it.
                        if (init->adoption > 0)
                                (void) kill(init->adoption, SIGKILL);
                        deadline = tell_left_behind(init);
                }
                if (has_ended && !told && (monotonic_us() >= deadline || !has_children())) {
                        init->report.wait_status = init->wait_status;
                        send_report(init, REPORT_ENDED);
                        told = true;
                }
                (void) poll(waited, sizeof(waited) / sizeof(waited[0]),
                            has_ended && !told ? ms_until(deadline) : -1);
                if (waited[0].revents)
                        receive_signals(init);
                if (waited[1].revents)
                        receive_orders(init);
        }
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
        send_report(&init, REPORT_STARTED);
        // What is left to do is to signal processes of other users. Should it fail we are what we were;
        // PR_SET_PDEATHSIG stays with fewer of them.
        (void) capabilities_keep(CAPABILITY(CAP_KILL));
        reap_and_forward(&init);
}
