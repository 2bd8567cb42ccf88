// The launcher's own client: asks for the switch, then for the end of what was replaced.
#include "reload.h"

#include "bus.h"
#include "cleanup.h"
#include "paths.h"
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int complain(char *ret_complaint, int error, const char *what)
{
        (void) snprintf(ret_complaint, DETAIL_MAX, "failed to %s: %s", what, strerror(-error));
        return error;
}

static int receive_line(int fd, char *ret, size_t size)
{
        size_t length = 0;

        while (length < size) {
                ssize_t n = recv(fd, ret + length, size - length, 0);
                char *end;
                if (n < 0)
                        return -errno;
                // The launcher has ended, and the service with it.
                if (n == 0)
                        return -ECONNRESET;
                end = memchr(ret + length, '\n', (size_t) n);
                length += (size_t) n;
                if (!end)
                        continue;
                *end = '\0';
                return 0;
        }
        return -EBADMSG;
}

// `request` is one line, with its newline.
static int ask(int fd, const char *request, char *ret, size_t size)
{
        if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
                return -errno;
        return receive_line(fd, ret, size);
}

// What the unit says of a stop; where systemd does not answer, as DefaultTimeoutStopSec= would be.
static void format_request(const struct options *options, char *ret, size_t size)
{
        struct bus_stop stop = {.signal = SIGTERM, .timeout_us = 90 * 1000 * 1000};

        (void) bus_get_stop(options->application, &stop);
        (void) snprintf(ret, size, "switch %s %s %d %" PRIu64 "\n", options->configuration, options->sockets,
                        stop.signal, stop.timeout_us);
}

int reload_service(const struct options *options, char ret_complaint[static DETAIL_MAX])
{
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        static const char failed[] = "error switch-failed ", ok[] = "ok ";
        char reply[DETAIL_MAX + 128], request[128];
        int r;

        if (fd < 0)
                return complain(ret_complaint, -errno, "open a socket");
        if (snprintf(address.sun_path, sizeof(address.sun_path), CONTROL_DIRECTORY "/%s.sock",
                     options->application) >= (int) sizeof(address.sun_path))
                return complain(ret_complaint, -ENAMETOOLONG, "address the control socket");
        if (connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0)
                return complain(ret_complaint, -errno, "connect to the control socket");
        format_request(options, request, sizeof(request));
        r = ask(fd, request, reply, sizeof(reply));
        if (r < 0)
                return complain(ret_complaint, r, "ask for a switch");
        if (strncmp(reply, ok, sizeof(ok) - 1) == 0) {
                // Whoever is told that the reload is done may rely on it that the old one answers nobody any
                // more. If that takes too long, or the service ends, the switch has happened all the same.
                (void) ask(fd, "settle\n", reply, sizeof(reply));
                return 0;
        }
        if (strncmp(reply, failed, sizeof(failed) - 1) == 0)
                (void) snprintf(ret_complaint, DETAIL_MAX, "%.*s", DETAIL_MAX - 1,
                                reply + sizeof(failed) - 1);
        else
                (void) snprintf(ret_complaint, DETAIL_MAX, "%.*s", DETAIL_MAX - 1, reply);
        return -EREMOTEIO;
}
