// Notices that a listener was shut down, and undoes it. Whose it was does not matter.
#include "reopen.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

enum {
        // The application's own threads, which wait in accept(2), are to see that it is closed.
        REOPEN_DELAY_US = 20 * 1000,
        REOPEN_ACCURACY_US = 1000,
};

static bool is_shut_down(int fd)
{
        struct pollfd looked_at = {.fd = fd};
        return poll(&looked_at, 1, 0) > 0 && looked_at.revents & POLLHUP;
}

int reopen_listener(const struct listeners *listeners, size_t index)
{
        int family, fd = LISTENERS_FIRST + (int) index, backlog = listeners->backlogs[index];
        socklen_t size = sizeof(family);

        if (!is_shut_down(fd))
                return 0;
        if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) < 0)
                return -errno;
        if (family == AF_UNIX)
                return -EOPNOTSUPP;
        // It is bound still. The kernel bounds what is more than it allows.
        return listen(fd, backlog > 0 ? backlog : SOMAXCONN) < 0 ? -errno : 1;
}

static int on_delay_over(sd_event_source *, uint64_t, void *userdata)
{
        struct reopening *reopening = userdata;

        reopening->timer = sd_event_source_disable_unref(reopening->timer);
        for (size_t i = 0; i < reopening->listeners->n; i++) {
                int r = reopen_listener(reopening->listeners, i);
                if (r != 0)
                        reopening->on_shut_down(reopening->context, i, r);
        }
        return 0;
}

static int on_hang_up(sd_event_source *source, int, uint32_t, void *userdata)
{
        struct reopening *reopening = userdata;

        if (reopening->timer)
                return 0;
        return sd_event_add_time_relative(sd_event_source_get_event(source), &reopening->timer,
                                          CLOCK_MONOTONIC, REOPEN_DELAY_US, REOPEN_ACCURACY_US,
                                          on_delay_over, reopening);
}

int reopening_begin(struct reopening *reopening, sd_event *event)
{
        int r = 0;

        // Edges: one that stays shut down is told of once.
        for (size_t i = 0; r >= 0 && i < reopening->listeners->n; i++)
                r = sd_event_add_io(event, &reopening->watches[i], LISTENERS_FIRST + (int) i,
                                    EPOLLHUP | EPOLLET, on_hang_up, reopening);
        return r < 0 ? r : 0;
}

void reopening_end(struct reopening *reopening)
{
        for (size_t i = 0; i < LISTENERS_MAX; i++)
                reopening->watches[i] = sd_event_source_disable_unref(reopening->watches[i]);
        reopening->timer = sd_event_source_disable_unref(reopening->timer);
}
