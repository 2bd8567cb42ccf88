// Forks criu into the application's namespaces and collects its end.
#include "dump.h"

#include "cleanup.h"
#include "clock.h"
#include "connections.h"
#include "namespaces.h"
#include "runtimes.h"
#include "tree.h"
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

// How often criu is begun in a bake while the application connects anew in the moment before it is frozen.
enum { ATTEMPTS_MAX = 3 };

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

// Once the application may not be disturbed, a connection is a reason to leave it alone.
static int dump_undisturbed(const struct criu_dump *criu, int proc, pid_t root, struct refusal *ret)
{
        return connections_refuse(proc, root, ret) < 0 ? EXIT_STATUS_FAILED
                                                       : run_inside(criu_exec_dump, criu);
}

static int dump_alone(const struct criu_dump *criu, int proc, pid_t root, struct refusal *ret)
{
        int status = EXIT_STATUS_FAILED;

        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
                *ret = (struct refusal){0};
                if (connections_shut(proc, root, attempt > 0, ret) < 0)
                        return EXIT_STATUS_FAILED;
                status = run_inside(criu_exec_dump, criu);
                // A dump that fails leaves the application as it was, with what it connected meanwhile.
                if (status == EXIT_STATUS_OK || connections_refuse(proc, root, ret) == 0)
                        break;
        }
        return status;
}

// The code is text of this program, and lies at the same place in the parent.
static _Noreturn void end(int status, int refusals, const struct refusal *refusal)
{
        if (status != EXIT_STATUS_OK && refusal->code)
                (void) !write(refusals, refusal, sizeof(*refusal));
        _exit(status);
}

// In the child. It waits outside the PID namespace for the one who is inside: setns(2) moves children only.
// So the host's numbers of processes are its own, with the procfs that it took along.
static _Noreturn void run(const struct criu_dump *criu, const struct cell *cell, int refusals, pid_t parent)
{
        struct refusal refusal = {0};
        pid_t root = 0;
        int proc, status;

        // Without the main process there is nobody to dump for. It may have died before the call.
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
                _exit(EXIT_STATUS_FAILED);
        proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (proc < 0 || tree_find_root(proc, cell->pid, criu->pid, &root) < 0) {
                (void) refuse(&refusal, 0, "dump-failed", "the application's process is not in /proc");
                end(EXIT_STATUS_FAILED, refusals, &refusal);
        }
        if (namespaces_join(cell->pidfd) < 0)
                _exit(EXIT_STATUS_NAMESPACES);
        // Only for what it leaves behind.
        if (!criu_is_warm())
                (void) run_inside(criu_exec_check, criu);
        // Whether it did or not: the dump is good either way.
        if (criu->settle)
                (void) run_inside(settle, criu);
        status = (criu->disturb ? dump_alone : dump_undisturbed)(criu, proc, root, &refusal);
        end(status, refusals, &refusal);
}

int dump_start(const struct criu_dump *criu, const struct cell *cell, struct dump *ret)
{
        struct dump dump = {.started_us = monotonic_us(), .leave_running = criu->leave_running};
        pid_t parent = getpid();
        int ends[2];

        // Not to be waited for: it holds less than PIPE_BUF, and whoever reads it has seen the child end.
        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
                return -errno;
        dump.pid = fork_with_pidfd(&dump.pidfd);
        if (dump.pid == 0)
                run(criu, cell, ends[1], parent);
        (void) close(ends[1]);
        if (dump.pid < 0) {
                (void) close(ends[0]);
                return dump.pid;
        }
        dump.refusals = ends[0];
        *ret = dump;
        return 0;
}

bool dump_finish(struct dump *dump, struct refusal *ret)
{
        int status = -1;
        bool reaped = waitpid(dump->pid, &status, 0) == dump->pid;

        if (read(dump->refusals, ret, sizeof(*ret)) != sizeof(*ret))
                *ret = (struct refusal){0};
        close_at_scope_end(&dump->refusals);
        close_at_scope_end(&dump->pidfd);
        dump->pid = 0;
        return reaped && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void dump_cancel(const struct dump *dump)
{
        (void) kill(dump->pid, SIGKILL);
}
