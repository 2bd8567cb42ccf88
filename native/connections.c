// Finds connections to the outside in /proc and by sock_diag, and shuts them down from here.
#include "connections.h"

#include "cleanup.h"
#include "clock.h"
#include "shelter.h"
#include "tree.h"
#include "unix-diag.h"
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum {
        SHUT_BOTH = (SHUT_RD + 1) | (SHUT_WR + 1),
        PROC_PATH_MAX = 64,
        COMM_MAX = 32,
        // What connects anew each time, to an address that cannot be hidden, does so for ever.
        ROUNDS_MAX = 10,
        SHUT_TIMEOUT_US = 10 * 1000 * 1000,
        LOOK_EVERY_US = 10 * 1000,
};

struct outside {
        struct tree_socket held;
        struct unix_socket socket;
};

static bool is_outside(const struct unix_socket *socket, const struct tree_sockets *list)
{
        // Where a datagram socket sends to, CRIU remembers by its name.
        return socket->peer != 0 && socket->type != SOCK_DGRAM && !tree_find_socket(list, socket->peer);
}

// Calls `act` for each connection to the outside; returns how many there are, or -errno.
static int each_outside(int proc, pid_t pid, int (*act)(const struct outside *outside, void *userdata),
                        void *userdata)
{
        _cleanup_free_ struct unix_socket *sockets = NULL;
        struct tree_sockets list = {0};
        size_t n = 0;
        // In this order: the other end of what was connected by now is found among the descriptors if it is
        // the application's own.
        int found = 0, r = unix_diag_list(&sockets, &n);

        if (r == 0)
                r = tree_list_sockets(proc, pid, &list);
        for (size_t i = 0; r == 0 && i < n; i++) {
                struct outside outside = {.socket = sockets[i]};
                const struct tree_socket *held = tree_find_socket(&list, sockets[i].inode);
                if (!held || !is_outside(&sockets[i], &list))
                        continue;
                outside.held = *held;
                found++;
                r = act(&outside, userdata);
        }
        free(list.sockets);
        return r < 0 ? r : found;
}

// A descriptor of ours for the same socket, or -errno.
static int borrow(const struct outside *outside)
{
        _cleanup_close_ int pidfd = pidfd_open(outside->held.pid, 0);
        _cleanup_close_ int fd = FD_NONE;
        struct stat st;

        if (pidfd < 0)
                return -errno;
        // pidfd_getfd(2) asks for what ptrace(2) would: criu needs no less.
        fd = pidfd_getfd(pidfd, outside->held.fd, 0);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        // Closed since, and the number given to something else.
        if (!S_ISSOCK(st.st_mode) || (uint32_t) st.st_ino != outside->socket.inode)
                return -ENOTCONN;
        return steal_fd(&fd);
}

// Where the other side listens; empty where it has no name, as one that connected to us.
static void read_peer_name(int socket, char ret[static UNIX_NAME_MAX + 1])
{
        struct sockaddr_un address;
        socklen_t size = sizeof(address);

        *ret = '\0';
        if (getpeername(socket, (struct sockaddr *) &address, &size) < 0 ||
            size <= offsetof(struct sockaddr_un, sun_path))
                return;
        // unix(7): a name that fills the structure has its final zero behind it, and the size says so.
        if (size > sizeof(address))
                size = sizeof(address);
        size -= (socklen_t) offsetof(struct sockaddr_un, sun_path);
        memcpy(ret, address.sun_path, size);
        ret[size] = '\0';
        // unix(7): the name of an abstract socket begins with a null byte.
        if (!*ret)
                *ret = '@';
}

// Who is on the other side, as far as the kernel remembers: whoever listened there, or connected.
static void tell_process(int proc, int socket, char *ret, size_t size)
{
        _cleanup_close_ int file = FD_NONE;
        char path[PROC_PATH_MAX], comm[COMM_MAX];
        struct ucred peer;
        socklen_t length = sizeof(peer);
        ssize_t n;

        *ret = '\0';
        if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 || peer.pid <= 0)
                return;
        (void) snprintf(ret, size, " of process %d", peer.pid);
        (void) snprintf(path, sizeof(path), "%d/comm", peer.pid);
        file = openat(proc, path, O_RDONLY | O_CLOEXEC);
        n = file < 0 ? 0 : read(file, comm, sizeof(comm) - 1);
        if (n <= 0)
                return;
        comm[n] = '\0';
        comm[strcspn(comm, "\n")] = '\0';
        (void) snprintf(ret, size, " of process %d (%s)", peer.pid, comm);
}

struct naming {
        int proc;
        struct refusal *refusal;
};

static int name_outside(const struct outside *outside, void *userdata)
{
        const struct naming *naming = userdata;
        _cleanup_close_ int socket = borrow(outside);
        char name[UNIX_NAME_MAX + 1] = "", process[PROC_PATH_MAX + COMM_MAX] = "";

        if (socket >= 0) {
                read_peer_name(socket, name);
                tell_process(naming->proc, socket, process, sizeof(process));
        }
        if (*name)
                return refuse(naming->refusal, 0, "outside-connection",
                              "the application holds a connection to '%s'%s, which CRIU cannot dump", name,
                              process);
        // One that it accepted.
        return refuse(naming->refusal, 0, "outside-connection",
                      "the application holds a connection on '%s' with a socket%s, which CRIU cannot dump",
                      outside->socket.name, process);
}

static int fail(int error, struct refusal *ret)
{
        return refuse(ret, -1, "outside-connection", "failed to look for connections to the outside: %s",
                      strerror(-error));
}

int connections_refuse(int proc, pid_t pid, struct refusal *ret)
{
        struct naming naming = {proc, ret};
        int n = each_outside(proc, pid, name_outside, &naming);

        if (n < 0)
                return fail(n, ret);
        return n == 0 ? 0 : -1;
}

struct shutting {
        bool hides;
        bool has_shut;
};

static int shut(const struct outside *outside, void *userdata)
{
        struct shutting *shutting = userdata;
        _cleanup_close_ int socket = FD_NONE;
        char name[UNIX_NAME_MAX + 1];

        // The other side has not noticed yet.
        if (outside->socket.shut == SHUT_BOTH)
                return 0;
        // What is gone meanwhile needs nothing; what may not be touched is named in the end.
        socket = borrow(outside);
        if (socket < 0)
                return 0;
        read_peer_name(socket, name);
        // Without its address the application connects anew once it is restored.
        if (shutting->hides && *name == '/')
                (void) shelter_cover(name, "/dev/null");
        if (shutdown(socket, SHUT_RDWR) == 0)
                shutting->has_shut = true;
        return 0;
}

int connections_shut(int proc, pid_t pid, bool hides, struct refusal *ret)
{
        uint64_t deadline = monotonic_us() + SHUT_TIMEOUT_US;

        for (int rounds = 0;;) {
                struct shutting shutting = {.hides = hides || rounds > 0};
                int n = each_outside(proc, pid, shut, &shutting);
                if (n < 0)
                        return fail(n, ret);
                if (n == 0)
                        return 0;
                if (shutting.has_shut)
                        rounds++;
                if (rounds > ROUNDS_MAX || monotonic_us() > deadline)
                        return connections_refuse(proc, pid, ret);
                (void) usleep(LOOK_EVERY_US);
        }
}
