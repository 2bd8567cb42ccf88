// Forks whoever does the hooks, and collects what failed.
#include "hooks.h"

#include "cleanup.h"
#include "clock.h"
#include "hook-request.h"
#include "namespaces.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

// For each of them.
enum { HOOK_TIMEOUT_US = 30 * 1000 * 1000 };

static int do_hook(const struct hook *hook, const struct hook_place *place, struct refusal *ret)
{
        uint64_t deadline = monotonic_us() + HOOK_TIMEOUT_US;

        if (hook->kind == HOOK_REQUEST)
                return hook_request(LISTENERS_FIRST, hook->text, deadline, ret);
        return hook_command(place, hook->text, deadline, ret);
}

int hooks_start(const struct hook *hooks, size_t n, const struct hook_place *place, struct hooks *ret)
{
        struct hooks started;
        pid_t parent = getpid();
        int ends[2];

        // Not to be waited for: all that may fail is said in less than a pipe holds.
        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
                return -errno;
        started.pid = fork_with_pidfd(&started.pidfd);
        if (started.pid == 0) {
                // Without the main process there is nobody to do them for. It may have died before the call.
                if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
                        _exit(EXIT_STATUS_FAILED);
                for (size_t i = 0; i < n; i++) {
                        struct refusal refusal;
                        // The code is text of this program, and lies at the same place in the parent.
                        if (do_hook(&hooks[i], place, &refusal) < 0)
                                (void) !write(ends[1], &refusal, sizeof(refusal));
                }
                _exit(EXIT_STATUS_OK);
        }
        (void) close(ends[1]);
        if (started.pid < 0) {
                (void) close(ends[0]);
                return started.pid;
        }
        started.refusals = ends[0];
        *ret = started;
        return 0;
}

bool hooks_refusal(const struct hooks *hooks, struct refusal *ret)
{
        return read(hooks->refusals, ret, sizeof(*ret)) == sizeof(*ret);
}

void hooks_end(struct hooks *hooks)
{
        if (hooks->pid <= 0)
                return;
        // Whoever runs below it goes with it, one by one (PR_SET_PDEATHSIG).
        (void) kill(hooks->pid, SIGKILL);
        (void) waitpid(hooks->pid, NULL, 0);
        close_at_scope_end(&hooks->pidfd);
        close_at_scope_end(&hooks->refusals);
        hooks->pid = 0;
}
