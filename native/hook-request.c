// Speaks as much HTTP as a request without a body takes. The address is asked of the socket itself.
#include "hook-request.h"

#include "cleanup.h"
#include "clock.h"
#include "hook.h"
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int await(int fd, short events, uint64_t deadline_us)
{
        struct pollfd waited = {.fd = fd, .events = events};

        return poll(&waited, 1, ms_until(deadline_us)) > 0 ? 0 : -ETIMEDOUT;
}

// Connecting to the address of every interface is connecting to this host (ip(7)).
static int reach(int listener, uint64_t deadline_us, int *ret)
{
        struct sockaddr_storage address;
        socklen_t size = sizeof(address);
        _cleanup_close_ int fd = FD_NONE;
        int error = 0, r;

        if (getsockname(listener, (struct sockaddr *) &address, &size) < 0)
                return -errno;
        fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        if (connect(fd, (struct sockaddr *) &address, size) < 0) {
                if (errno != EINPROGRESS)
                        return -errno;
                r = await(fd, POLLOUT, deadline_us);
                size = sizeof(error);
                if (r >= 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
                        r = -errno;
                if (r < 0 || error != 0)
                        return r < 0 ? r : -error;
        }
        *ret = steal_fd(&fd);
        return 0;
}

static int say(int fd, const char *text, uint64_t deadline_us)
{
        size_t left = strlen(text);

        while (left > 0) {
                ssize_t n;
                int r = await(fd, POLLOUT, deadline_us);
                if (r < 0)
                        return r;
                n = send(fd, text, left, MSG_NOSIGNAL);
                if (n < 0 && errno != EAGAIN)
                        return -errno;
                if (n > 0) {
                        text += n;
                        left -= (size_t) n;
                }
        }
        return 0;
}

// Reads to the end, so that whoever answers is not cut off, and keeps the first line.
static int listen_for_status(int fd, uint64_t deadline_us, unsigned *ret)
{
        char line[64] = "", rest[4096];
        size_t size = 0;

        for (;;) {
                ssize_t n;
                int r = await(fd, POLLIN, deadline_us);
                // Who has said the status has answered.
                if (r < 0)
                        return sscanf(line, "HTTP/1.%*u %3u", ret) == 1 ? 0 : r;
                n = recv(fd, rest, sizeof(rest), 0);
                if (n < 0 && errno == EAGAIN)
                        continue;
                if (n <= 0)
                        return sscanf(line, "HTTP/1.%*u %3u", ret) == 1 ? 0 : -ECONNRESET;
                for (ssize_t i = 0; i < n && size < sizeof(line) - 1; i++)
                        line[size++] = rest[i];
        }
}

int hook_request(int listener, const char *text, uint64_t deadline_us, struct refusal *ret_refusal)
{
        int method = (int) strcspn(text, " "), path = (int) strcspn(text + method + 1, " ");
        const char *host = text + method + 1 + path;
        char request[HOOK_MAX + 128];
        _cleanup_close_ int fd = FD_NONE;
        unsigned status = 0;
        int r;

        (void) snprintf(request, sizeof(request),
                        "%.*s HTTP/1.1\r\nHost:%s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                        method + 1 + path, text, host);
        r = reach(listener, deadline_us, &fd);
        if (r >= 0)
                r = say(fd, request, deadline_us);
        if (r >= 0)
                r = listen_for_status(fd, deadline_us, &status);
        if (r < 0)
                return refuse(ret_refusal, -1, "request-failed", "%.*s got no answer: %s", method + 1 + path,
                              text, strerror(-r));
        if (status < 200 || status >= 400)
                return refuse(ret_refusal, -1, "request-failed", "%.*s was answered with status %u",
                              method + 1 + path, text, status);
        return 0;
}
