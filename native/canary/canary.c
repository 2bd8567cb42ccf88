// grenadine-canary: the application with which `grenadine doctor` tries whether this host dumps and
// restores. Answers every HTTP request on its passed sockets with what has become of all that it holds.
// Knows nothing of snapshots.
#include "../cleanup.h"
#include "held.h"
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { FIRST_PASSED_FD = 3, PASSED = 2 };

// Most of them were given before the dump.
static unsigned answers;

static bool is_unix(int socket)
{
        struct sockaddr_storage address = {0};
        socklen_t length = sizeof(address);

        return getsockname(socket, (struct sockaddr *) &address, &length) == 0 &&
               address.ss_family == AF_UNIX;
}

static void reply(int connection)
{
        _cleanup_free_ char *body = NULL;
        size_t size = 0;
        FILE *text = open_memstream(&body, &size);

        if (!text)
                return;
        (void) fprintf(text, "socket=%s\nanswers=%u\n", is_unix(connection) ? "unix" : "tcp", answers++);
        held_tell(text);
        if (fclose(text) != 0)
                return;
        // Who asked may be gone.
        (void) dprintf(connection,
                       "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
                       "Connection: close\r\n\r\n%s",
                       size, body);
}

static void serve(int listener)
{
        _cleanup_close_ int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        // Whoever connects and then says nothing must not keep the others waiting.
        const struct timeval patience = {.tv_sec = 5};
        char request[4096];
        size_t length = 0;

        if (connection < 0 ||
            setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
                return;
        while (length < sizeof(request) - 1) {
                ssize_t n = read(connection, request + length, sizeof(request) - 1 - length);
                if (n <= 0)
                        return;
                length += (size_t) n;
                request[length] = '\0';
                if (strstr(request, "\r\n\r\n"))
                        return reply(connection);
        }
}

int main(void)
{
        int epoll = epoll_create1(EPOLL_CLOEXEC);

        (void) signal(SIGPIPE, SIG_IGN);
        if (epoll < 0 || held_begin() < 0)
                return EXIT_FAILURE;
        for (int fd = FIRST_PASSED_FD; fd < FIRST_PASSED_FD + PASSED; fd++) {
                struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
                if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
                        return EXIT_FAILURE;
        }
        for (;;) {
                struct epoll_event event;
                int n = epoll_wait(epoll, &event, 1, -1);
                if (n > 0)
                        serve(event.data.fd);
                else if (n < 0 && errno != EINTR)
                        return EXIT_FAILURE;
        }
}
