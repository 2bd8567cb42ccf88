// Edits the interest list of somebody else's epoll instance. Knows descriptors, not whose they are.
#include "interest.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// In a process whose descriptors nobody misses. Returns errno.
static int replace(int epoll, int number, int from, int to, struct epoll_event event)
{
        struct rlimit limit;

        // Its limit may be higher than ours.
        if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
                limit.rlim_cur = limit.rlim_max;
                (void) setrlimit(RLIMIT_NOFILE, &limit);
        }
        // Out of the way: one of them may have this number here.
        epoll = fcntl(epoll, F_DUPFD, number + 1);
        from = fcntl(from, F_DUPFD, number + 1);
        to = fcntl(to, F_DUPFD, number + 1);
        if (epoll < 0 || from < 0 || to < 0 || dup2(from, number) < 0)
                return errno;
        // It goes by itself with the last descriptor of its file, but whoever inherited one keeps it.
        (void) epoll_ctl(epoll, EPOLL_CTL_DEL, number, NULL);
        if (dup2(to, number) < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, number, &event) < 0)
                return errno;
        return 0;
}

// epoll_ctl(2) takes the number from the caller's own descriptors, and any number may be one that we need:
// a child has them all to itself. The entry stays when the child's descriptor goes, it is that of the open
// file.
int interest_replace(int epoll, int number, int from, int to, const struct epoll_event *event)
{
        int status;
        pid_t child = fork();

        if (child < 0)
                return -errno;
        if (child == 0)
                _exit(replace(epoll, number, from, to, *event));
        while (waitpid(child, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECANCELED;
}
