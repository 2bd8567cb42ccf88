// Init beside the application that runs: reaps, forwards signals, and sees to those who are left behind.
#include "init-watch.h"

#include "capabilities.h"
#include "cleanup.h"
#include "clock.h"
#include <linux/capability.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

// How long those whom the application left behind may take to end, once they were told to: a little less
// than TimeoutStopSec= by default, at which systemd takes the whole stop for a failure.
enum { LEFT_BEHIND_TIMEOUT_US = 80 * 1000 * 1000 };

bool reap(struct init *init, pid_t awaited, int *ret_status)
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

_Noreturn void init_watch(struct init *init)
{
        bool has_ended = false, told = false;
        uint64_t deadline = 0;

        // What is left to do is to signal processes of other users. Should it fail we are what we were;
        // PR_SET_PDEATHSIG stays with fewer of them.
        (void) capabilities_keep(CAPABILITY(CAP_KILL));
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
                        init_report(init, REPORT_ENDED);
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
