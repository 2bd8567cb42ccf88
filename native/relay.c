// Moves bytes from a pipe to a descriptor that may be a socket, pipe, terminal or file. Looks at none of
// them.
#include "relay.h"

#include "cleanup.h"
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t held(const struct relay *relay)
{
        return relay->end - relay->begin;
}

// Nobody of ours writes any more; what others add behind that is not ours.
static void limit(struct relay *relay)
{
        int n = 0;

        if (relay->source >= 0 && relay->left == SIZE_MAX)
                relay->left = ioctl(relay->source, FIONREAD, &n) < 0 ? 0 : (size_t) n;
}

static void fill(struct relay *relay, bool *ret_at_end)
{
        size_t room;
        ssize_t n;

        if (held(relay) == 0)
                relay->begin = relay->end = 0;
        room = sizeof(relay->buffer) - relay->end;
        *ret_at_end = relay->left == 0;
        if (room == 0 || *ret_at_end)
                return;
        n = read(relay->source, relay->buffer + relay->end, room < relay->left ? room : relay->left);
        if (n > 0) {
                relay->end += (size_t) n;
                if (relay->left != SIZE_MAX)
                        relay->left -= (size_t) n;
                *ret_at_end = relay->left == 0;
        } else {
                // Of what is limited nothing more can be waited for.
                *ret_at_end = n == 0 || errno != EAGAIN || relay->left != SIZE_MAX;
        }
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

bool relay_is_dry(const struct relay *relay)
{
        return relay->source < 0 && held(relay) == 0;
}

// Last in each callback: nothing of the relay may be there any more.
static void tell_if_dry(struct relay *relay)
{
        if (relay->on_dry && relay_is_dry(relay))
                relay->on_dry(relay->context);
}

static void move(struct relay *relay)
{
        bool at_end = false;

        if (relay->source >= 0)
                fill(relay, &at_end);
        empty(relay);
        watch(relay, at_end);
}

static int on_readable(sd_event_source *, int, uint32_t, void *userdata)
{
        struct relay *relay = userdata;

        move(relay);
        tell_if_dry(relay);
        return 0;
}

static int on_writable(sd_event_source *, int, uint32_t, void *userdata)
{
        struct relay *relay = userdata;

        empty(relay);
        watch(relay, false);
        tell_if_dry(relay);
        return 0;
}

int relay_start(struct relay *relay, sd_event *event, int source, int sink)
{
        struct stat st;
        int r;

        relay->source = source;
        // epoll_ctl(2): EEXIST, a number is waited for once, and the relay of another generation may wait
        // for the same sink.
        relay->sink = fcntl(sink, F_DUPFD_CLOEXEC, 0);
        if (relay->sink < 0)
                return -errno;
        relay->begin = relay->end = 0;
        relay->left = SIZE_MAX;
        relay->sink_is_socket = fstat(sink, &st) == 0 && S_ISSOCK(st.st_mode);
        r = sd_event_add_io(event, &relay->readable, source, EPOLLIN, on_readable, relay);
        if (r < 0)
                return r;
        r = sd_event_add_io(event, &relay->writable, relay->sink, EPOLLOUT, on_writable, relay);
        if (r < 0) {
                // epoll_ctl(2): EPERM, a regular file, which is always writable.
                relay->writable = NULL;
                return r == -EPERM ? 0 : r;
        }
        return sd_event_source_set_enabled(relay->writable, SD_EVENT_OFF);
}

void relay_drain(struct relay *relay, void (*on_dry)(void *context), void *context)
{
        relay->on_dry = on_dry;
        relay->context = context;
        limit(relay);
        move(relay);
}

void relay_finish(struct relay *relay)
{
        bool at_end = relay->source < 0;

        limit(relay);
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
        }
        close_at_scope_end(&relay->source);
        close_at_scope_end(&relay->sink);
}
