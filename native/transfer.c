// Finds out in /proc by which descriptors an application knows its socket, and puts another in all these
// places.
#include "transfer.h"

#include "cleanup.h"
#include "interest.h"
#include "tree.h"
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { PROC_PATH_MAX = 64, INIT = 1 };

// A number of /proc/PID/status or /proc/PID/fdinfo/FD, or -1.
static long read_field(const char *path, const char *name, int base)
{
        FILE *file = fopen(path, "re");
        char line[128];
        long value = -1;

        if (!file)
                return -1;
        while (value < 0 && fgets(line, sizeof(line), file))
                if (strncmp(line, name, strlen(name)) == 0)
                        value = strtol(line + strlen(name), NULL, base);
        (void) fclose(file);
        return value;
}

static long read_flags(pid_t pid, int fd)
{
        char path[PROC_PATH_MAX];

        (void) snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", pid, fd);
        return read_field(path, "flags:", 8);
}

// Who asks may be any thread; a pidfd is of the process, and so are descriptors.
static pid_t process_of(pid_t thread)
{
        char path[PROC_PATH_MAX];

        (void) snprintf(path, sizeof(path), "/proc/%d/status", thread);
        return (pid_t) read_field(path, "Tgid:", 10);
}

static int fetch(pid_t process, int fd)
{
        _cleanup_close_ int pidfd = process > 0 ? pidfd_open(process, 0) : -1;
        int fetched = pidfd < 0 ? -1 : pidfd_getfd(pidfd, fd, 0);

        return fetched < 0 ? -errno : fetched;
}

// Whoever unshares a network namespace (network_namespaces(7)) binds a port of that one, not of ours, and
// may have set there what only an administrator sets. The listener may be of a third one: PrivateNetwork=.
static bool is_of_our_network(int own)
{
        _cleanup_close_ int ours = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        return ours >= 0 && socket_options_same_network(own, ours);
}

int transfer_fetch(const struct question *asked)
{
        _cleanup_close_ int own = fetch(process_of(asked->thread), asked->fd);
        int type = 0;

        if (own < 0)
                return own;
        if (getsockopt(own, SOL_SOCKET, SO_TYPE, &type, &(socklen_t){sizeof(type)}) < 0)
                return -errno;
        if (type != SOCK_STREAM)
                return -ESOCKTNOSUPPORT;
        return is_of_our_network(own) ? steal_fd(&own) : -EXDEV;
}

struct places {
        int questions;
        const struct question *asked;
        pid_t process; // that asks
        int own;       // its socket
        ino_t inode;   // of that
        int listener;
        struct transfer *transfer;
};

static int replace(const struct places *places, int fd)
{
        struct question there = *places->asked;
        long flags = read_flags(places->process, fd);

        if (flags < 0)
                return -ESRCH;
        there.fd = fd;
        return filter_replace(places->questions, &there, places->listener, flags & O_CLOEXEC);
}

// proc_pid_fdinfo(5): one line for each entry of the interest list, with the number that it was added under
// and the inode, which tells it from a file that had the number before or has it since.
static void replace_in_epoll(const struct places *places, const struct tree_descriptor *epoll)
{
        char path[PROC_PATH_MAX], line[256];
        struct epoll_event event;
        unsigned long inode;
        int number, r;
        FILE *entries;

        (void) snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", epoll->pid, epoll->fd);
        entries = fopen(path, "re");
        if (!entries)
                return;
        while (fgets(line, sizeof(line), entries)) {
                _cleanup_close_ int fd = FD_NONE;
                if (sscanf(line, "tfd: %d events: %" SCNx32 " data: %" SCNx64 " pos:%*i ino:%lx", &number,
                           &event.events, &event.data.u64, &inode) != 4 ||
                    inode != places->inode)
                        continue;
                fd = fetch(epoll->pid, epoll->fd);
                r = fd < 0 ? fd : interest_replace(fd, number, places->own, places->listener, &event);
                if (r < 0)
                        places->transfer->epoll_error = -r;
        }
        (void) fclose(entries);
}

static int visit(const struct tree_descriptor *found, void *userdata)
{
        const struct places *places = userdata;
        unsigned long inode;
        int r;

        if (strcmp(found->target, "anon_inode:[eventpoll]") == 0) {
                replace_in_epoll(places, found);
                return 0;
        }
        // The one that is asked about is another socket's by now.
        if (sscanf(found->target, "socket:[%lu]", &inode) != 1 || inode != places->inode)
                return 0;
        // seccomp_unotify(2) reaches into the process that asks, and no other.
        if (found->pid != places->process) {
                if (found->pid != getpid())
                        places->transfer->other_process = found->pid;
                return 0;
        }
        r = replace(places, found->fd);
        if (r < 0)
                places->transfer->number_error = -r;
        return 0;
}

int transfer_socket(int questions, const struct question *asked, int own, int listener, struct transfer *ret)
{
        _cleanup_close_ int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct transfer transfer = {0};
        struct places places = {questions, asked, process_of(asked->thread), own, 0, listener, &transfer};
        int flags = fcntl(own, F_GETFL), r;
        struct stat st;

        if (proc < 0 || flags < 0 || fstat(own, &st) < 0)
                return -errno;
        places.inode = st.st_ino;
        if (!filter_is_waiting(questions, asked))
                return -ESRCH;
        // It lives in the open file description, which is systemd's from now on.
        if (flags & O_NONBLOCK && fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK) < 0)
                return -errno;
        socket_options_carry(own, listener, transfer.lost_options);
        r = replace(&places, asked->fd);
        if (r < 0)
                return r;
        // Afterwards: who is woken by an epoll instance finds a socket that listens under that number. We
        // hold `own`, so that its entries are there still.
        (void) tree_each_descriptor(proc, INIT, visit, &places);
        *ret = transfer;
        return 0;
}
