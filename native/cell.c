// Opens, commands and kills cells. Knows the messages, not when to send which.
#include "cell.h"

#include "cleanup.h"
#include "clock.h"
#include "namespaces.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

// How long a killed init may take to go. One that hangs in the kernel must not keep the next rung waiting.
enum { KILL_TIMEOUT_MS = 5000 };

static int make_pipe(int ret_fds[static 2], ino_t *ret_inode)
{
        struct stat st;

        if (pipe2(ret_fds, O_CLOEXEC) < 0)
                return -errno;
        // Only our end: the write end belongs to the application, with flags as it knows them.
        if (fcntl(ret_fds[0], F_SETFL, O_NONBLOCK) < 0 || fstat(ret_fds[0], &st) < 0)
                return -errno;
        *ret_inode = st.st_ino;
        return 0;
}

int cell_open(const struct options *options, const struct listeners *listeners, const sigset_t *signal_mask,
              bool is_plain, struct cell *ret, enum phase *ret_phase)
{
        int out[2] = {FD_NONE, FD_NONE}, err[2] = {FD_NONE, FD_NONE}, channel[2] = {FD_NONE, FD_NONE};
        struct cell cell = CELL_NONE;
        int r;

        cell.is_plain = is_plain;
        *ret_phase = PHASE_CHANNEL;
        r = make_pipe(out, &cell.out_inode);
        if (r >= 0)
                r = make_pipe(err, &cell.err_inode);
        if (r >= 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) < 0)
                r = -errno;
        if (r >= 0) {
                *ret_phase = PHASE_CLONE;
                cell.pid = is_plain ? fork_with_pidfd(&cell.pidfd) : namespaces_clone(&cell.pidfd);
                if (cell.pid == 0)
                        init_run((struct init_context){
                            .options = options,
                            .listeners = listeners,
                            .channel = channel[1],
                            .out = out[1],
                            .err = err[1],
                            .is_plain = is_plain,
                            .signal_mask = *signal_mask,
                        });
                r = cell.pid < 0 ? cell.pid : 0;
        }
        close_at_scope_end(&out[1]);
        close_at_scope_end(&err[1]);
        close_at_scope_end(&channel[1]);
        cell.out = out[0];
        cell.err = err[0];
        cell.channel = channel[0];
        if (r < 0)
                cell_close(&cell);
        else
                *ret = cell;
        return r;
}

static int send_order(const struct cell *cell, const struct order *order, size_t size)
{
        return send(cell->channel, order, size, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int cell_order_boot(const struct cell *cell)
{
        return send_order(cell, &(struct order){.kind = ORDER_BOOT}, offsetof(struct order, criu));
}

int cell_order_restore(const struct cell *cell, const char *criu, const char *images,
                       const struct plan_restore *plan)
{
        struct order order = {.kind = ORDER_RESTORE, .plan = *plan};

        if (snprintf(order.criu, sizeof(order.criu), "%s", criu) >= (int) sizeof(order.criu) ||
            snprintf(order.images, sizeof(order.images), "%s", images) >= (int) sizeof(order.images))
                return -ENAMETOOLONG;
        return send_order(cell, &order, offsetof(struct order, plan.paths) + plan->paths_size);
}

int cell_signal(const struct cell *cell, int signal)
{
        return send_order(cell, &(struct order){.kind = ORDER_SIGNAL, .signal = signal},
                          offsetof(struct order, criu));
}

int cell_await(const struct cell *cell, uint64_t deadline_us, struct report *ret)
{
        struct pollfd waited = {.fd = cell->channel, .events = POLLIN};
        ssize_t n;

        // A zero timeout still sees what is there already.
        if (poll(&waited, 1, ms_until(deadline_us)) <= 0)
                return -ETIMEDOUT;
        n = recv(cell->channel, ret, sizeof(*ret), MSG_DONTWAIT);
        if (n < 0)
                return -errno;
        return n == (ssize_t) sizeof(*ret) ? 0 : -ECONNRESET;
}

void cell_condemn(const struct cell *cell)
{
        // pid_namespaces(7): the death of a namespace's init kills every process in it, and init is reported
        // dead only after all of them. One that is a process like any other does it by itself.
        if (cell->is_plain)
                (void) shutdown(cell->channel, SHUT_RDWR);
        else if (cell->pid > 0)
                (void) kill(cell->pid, SIGKILL);
}

int cell_kill(struct cell *cell)
{
        struct pollfd waited = {.fd = cell->pidfd, .events = POLLIN};
        int status = SIGKILL;

        if (cell->pidfd < 0)
                return status;
        cell_condemn(cell);
        if (poll(&waited, 1, KILL_TIMEOUT_MS) > 0)
                (void) waitpid(cell->pid, &status, WNOHANG);
        close_at_scope_end(&cell->pidfd);
        close_at_scope_end(&cell->channel);
        return status;
}

void cell_close(struct cell *cell)
{
        (void) cell_kill(cell);
        close_at_scope_end(&cell->channel);
        close_at_scope_end(&cell->out);
        close_at_scope_end(&cell->err);
}
