// A cold boot, from init's side: the child that becomes the application, and the one that answers its
// bind(2).
#include "init-boot.h"

#include "adopt.h"
#include "cleanup.h"
#include "seed.h"
#include <sys/socket.h>

// A child beside the application that answers its bind(2). It keeps nothing but what it needs for that:
// whoever waits for the end of the application's streams, or of ours, must not wait for it.
static int start_adoption(struct init *init, int questions)
{
        unsigned kept = LISTENERS_FIRST + (unsigned) init->context.listeners->n;
        pid_t pid = fork();

        if (pid < 0)
                return -errno;
        if (pid > 0) {
                init->adoption = pid;
                return 0;
        }
        if (dup3(questions, (int) kept, O_CLOEXEC) < 0 || close_range(kept + 1, ~0U, 0) < 0)
                _exit(EXIT_STATUS_FAILED);
        adopt_serve((int) kept, init->context.listeners, init->context.options);
}

struct application_failure init_boot(struct init *init)
{
        struct application_failure failure;
        int ends[2], questions, r;
        ssize_t n;

        // Should it fail: whoever boots seeds itself, and finds nothing that it is told of. It takes a
        // mount, which the host must not see.
        if (init->context.options->seed && !init->context.is_plain)
                (void) seed_write();
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
                return (struct application_failure){PHASE_STDIO, errno};
        init->application = fork();
        if (init->application < 0)
                return (struct application_failure){PHASE_EXEC, errno};
        if (init->application == 0) {
                failure = application_exec(&init->context, ends[1]);
                (void) !write(ends[1], &failure, sizeof(failure));
                _exit((int) phase_exit_status(failure.phase));
        }
        (void) close(ends[1]);
        while ((n = adopt_receive(ends[0], &failure, sizeof(failure), &questions)) > 0 && questions >= 0) {
                r = start_adoption(init, questions);
                (void) close(questions);
                if (r < 0)
                        return (struct application_failure){PHASE_FILTER, -r};
        }
        (void) close(ends[0]);
        if (n == (ssize_t) sizeof(failure))
                return failure;
        init->report.application = init->application;
        return (struct application_failure){PHASE_NONE, 0};
}
