// Forks criu into the application's namespaces and collects its end.
#include "dump.h"

#include "cleanup.h"
#include "clock.h"
#include "namespaces.h"
#include "runtimes.h"
#include <sys/prctl.h>
#include <sys/wait.h>

// Runs one criu inside the namespaces, and returns its exit status.
static int run_inside(int (*execute)(const struct criu_dump *criu), const struct criu_dump *criu)
{
        int status;
        pid_t inside = fork();

        if (inside == 0) {
                // Should its parent be killed before this, the end of the PID namespace still ends it.
                (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                _exit(execute(criu));
        }
        if (inside < 0 || waitpid(inside, &status, 0) != inside || !WIFEXITED(status))
                return EXIT_STATUS_FAILED;
        return WEXITSTATUS(status);
}

static int settle(const struct criu_dump *)
{
        return runtimes_settle();
}

// In the child. It waits outside the PID namespace for the one who is inside: setns(2) moves children only.
static _Noreturn void run(const struct criu_dump *criu, int init_pidfd, pid_t parent)
{
        // Without the main process there is nobody to dump for. It may have died before the call.
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
                _exit(EXIT_STATUS_FAILED);
        if (namespaces_join(init_pidfd) < 0)
                _exit(EXIT_STATUS_NAMESPACES);
        // Only for what it leaves behind.
        if (!criu_is_warm())
                (void) run_inside(criu_exec_check, criu);
        // Whether it did or not: the dump is good either way.
        if (criu->settle)
                (void) run_inside(settle, criu);
        _exit(run_inside(criu_exec_dump, criu));
}

int dump_start(const struct criu_dump *criu, int init_pidfd, struct dump *ret)
{
        struct dump dump = {.started_us = monotonic_us(), .leave_running = criu->leave_running};
        pid_t parent = getpid();

        dump.pid = fork_with_pidfd(&dump.pidfd);
        if (dump.pid < 0)
                return dump.pid;
        if (dump.pid == 0)
                run(criu, init_pidfd, parent);
        *ret = dump;
        return 0;
}

bool dump_finish(struct dump *dump)
{
        int status = -1;
        bool reaped = waitpid(dump->pid, &status, 0) == dump->pid;

        close_at_scope_end(&dump->pidfd);
        dump->pid = 0;
        return reaped && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void dump_cancel(const struct dump *dump)
{
        (void) kill(dump->pid, SIGKILL);
}
