/*
 * Opens many connections at once, to one port or to several, asks each for the same path, and prints on a
 * line of its own, in microseconds since before the first connect(), when the first byte of each answer was
 * there. An answer that is not `HTTP/1.x 200`, and a connection that fails, is a failure. Usage:
 * crowd-answers PATH CLIENTS PORT... Each port gets so many clients, on 127.0.0.1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DEADLINE_MS = 60 * 1000 };

static char request[512];

static int64_t now_us(void)
{
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static int open_connection(int port)
{
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t) port)};
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd >= 0 && connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0 &&
            errno != EINPROGRESS)
                return -1;
        return fd;
}

/* The first bytes are there: what do they say? */
static int read_status(int fd)
{
        char head[16] = "";
        ssize_t size = recv(fd, head, sizeof(head) - 1, 0);
        int status = 0;

        if (size <= 0 || sscanf(head, "HTTP/1.%*d %d", &status) != 1)
                return 0;
        return status;
}

/* Asks once the connection is there, and answers whether it is done. */
static bool attend(struct pollfd *one, int64_t begin_us)
{
        if (one->revents & POLLOUT) {
                if (write(one->fd, request, strlen(request)) != (ssize_t) strlen(request)) {
                        fprintf(stderr, "a connection failed: %s\n", strerror(errno));
                        exit(EXIT_FAILURE);
                }
                one->events = POLLIN;
        } else if (one->revents) {
                int status = read_status(one->fd);
                if (status != 200) {
                        fprintf(stderr, "an answer was wrong: %d\n", status);
                        exit(EXIT_FAILURE);
                }
                printf("%lld\n", (long long) (now_us() - begin_us));
                (void) close(one->fd);
                one->fd = -1;
                return true;
        }
        return false;
}

int main(int argc, char **argv)
{
        int each = argc > 3 ? atoi(argv[2]) : 0, total = each * (argc - 3), left = total;
        struct pollfd *all = calloc((size_t) (total > 0 ? total : 1), sizeof(*all));
        struct rlimit files = {.rlim_cur = (rlim_t) total + 64, .rlim_max = (rlim_t) total + 64};
        int64_t begin_us;

        if (each <= 0 || !all) {
                fprintf(stderr, "usage: crowd-answers PATH CLIENTS PORT...\n");
                return 2;
        }
        (void) setrlimit(RLIMIT_NOFILE, &files);
        (void) snprintf(request, sizeof(request),
                        "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", argv[1]);
        begin_us = now_us();
        for (int i = 0; i < total; i++) {
                all[i] = (struct pollfd){.fd = open_connection(atoi(argv[3 + i % (argc - 3)])),
                                         .events = POLLOUT};
                if (all[i].fd < 0) {
                        fprintf(stderr, "failed to connect: %s\n", strerror(errno));
                        return EXIT_FAILURE;
                }
        }
        while (left > 0) {
                if (poll(all, (nfds_t) total, DEADLINE_MS) <= 0) {
                        fprintf(stderr, "%d were not answered\n", left);
                        return EXIT_FAILURE;
                }
                for (int i = 0; i < total; i++)
                        if (all[i].fd >= 0 && attend(&all[i], begin_us))
                                left--;
        }
        return EXIT_SUCCESS;
}
