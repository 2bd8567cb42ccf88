// Moves bytes from a pipe to a descriptor that may be a socket, pipe, terminal or file. Looks at none of
// them.
#include "relay.h"

#include "cleanup.h"
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t held(const struct relay *relay)
{
        return relay->end - relay->begin;
}

static void fill(struct relay *relay, bool *ret_at_end)
{
        ssize_t n;

        if (held(relay) == 0)
                relay->begin = relay->end = 0;
        *ret_at_end = false;
        if (relay->end == sizeof(relay->buffer))
                return;
        n = read(relay->source, relay->buffer + relay->end, sizeof(relay->buffer) - relay->end);
        if (n > 0)
                relay->end += (size_t) n;
        else
                *ret_at_end = n == 0 || errno != EAGAIN;
}

// Writes without waiting. The sink's open file description is shared with others, so it keeps its flags:
// sockets have MSG_DONTWAIT, and of a pipe that polls writable PIPE_BUF bytes are free (pipe(7)).
static ssize_t write_some(const struct relay *relay)
{
        const char *from = relay->buffer + relay->begin;
        struct pollfd waited = {.fd = relay->sink, .events = POLLOUT};

        if (relay->sink_is_socket)
                return send(relay->sink, from, held(relay), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (poll(&waited, 1, 0) == 0) {
                errno = EAGAIN;
                return -1;
        }
        return write(relay->sink, from, held(relay) < PIPE_BUF ? held(relay) : PIPE_BUF);
}

static void empty(struct relay *relay)
{
        while (held(relay) > 0) {
                ssize_t n = write_some(relay);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        return;
                // Nobody will ever read it; the application is not to hang for that.
                relay->begin = n < 0 ? relay->end : relay->begin + (size_t) n;
        }
}

static void watch(struct relay *relay, bool at_end)
{
        if (at_end && relay->readable) {
                relay->readable = sd_event_source_disable_unref(relay->readable);
                close_at_scope_end(&relay->source);
        }
        if (relay->readable)
                (void) sd_event_source_set_enabled(relay->readable,
                                                   held(relay) > 0 ? SD_EVENT_OFF : SD_EVENT_ON);
        if (relay->writable)
                (void) sd_event_source_set_enabled(relay->writable,
                                                   held(relay) > 0 ? SD_EVENT_ON : SD_EVENT_OFF);
}

static int on_readable(sd_event_source *, int, uint32_t, void *userdata)
{
        struct relay *relay = userdata;
        bool at_end;

        fill(relay, &at_end);
        empty(relay);
        watch(relay, at_end);
        return 0;
}

static int on_writable(sd_event_source *, int, uint32_t, void *userdata)
{
        struct relay *relay = userdata;

        empty(relay);
        watch(relay, false);
        return 0;
}

int relay_start(struct relay *relay, sd_event *event, int source, int sink)
{
        struct stat st;
        int r;

        relay->source = source;
        relay->sink = sink;
        relay->begin = relay->end = 0;
        relay->sink_is_socket = fstat(sink, &st) == 0 && S_ISSOCK(st.st_mode);
        r = sd_event_add_io(event, &relay->readable, source, EPOLLIN, on_readable, relay);
        if (r < 0)
                return r;
        r = sd_event_add_io(event, &relay->writable, sink, EPOLLOUT, on_writable, relay);
        if (r < 0) {
                // epoll_ctl(2): EPERM, a regular file, which is always writable.
                relay->writable = NULL;
                return r == -EPERM ? 0 : r;
        }
        return sd_event_source_set_enabled(relay->writable, SD_EVENT_OFF);
}

void relay_finish(struct relay *relay)
{
        bool at_end = relay->source < 0;

        relay->readable = sd_event_source_disable_unref(relay->readable);
        relay->writable = sd_event_source_disable_unref(relay->writable);
        for (;;) {
                empty(relay);
                if (held(relay) > 0) {
                        (void) poll(&(struct pollfd){.fd = relay->sink, .events = POLLOUT}, 1, -1);
                        continue;
                }
                if (at_end)
                        break;
                fill(relay, &at_end);
                // Nothing there, and none of ours lives: somebody outside holds the pipe, and is not waited
                // for.
                if (!at_end && held(relay) == 0)
                        break;
        }
        close_at_scope_end(&relay->source);
}
