/* One HTTP request on a new TCP connection, timed. */
#include "ask.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int64_t now_us(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int read_address(const char *ipv4, const char *port, struct sockaddr_in *ret)
{
        *ret = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t) atoi(port))};
        return inet_pton(AF_INET, ipv4, &ret->sin_addr) == 1 ? 0 : -EINVAL;
}

static int read_answer(int connection, struct answer *ret)
{
        const size_t room = sizeof ret->text - 1;
        char rest[4096];

        for (ssize_t n = 1; n != 0;) {
                n = ret->length < room ? read(connection, ret->text + ret->length, room - ret->length)
                                       : read(connection, rest, sizeof rest);
                if (n < 0)
                        return -errno;
                if (ret->first_byte_us == 0)
                        ret->first_byte_us = now_us();
                if (ret->length < room)
                        ret->length += (size_t) n;
        }
        ret->text[ret->length] = '\0';
        return ret->length > 0 ? 0 : -ECONNRESET;
}

int ask(const struct sockaddr_in *address, const char *path, struct answer *ret)
{
        char request[1024];
        int connection, length, r;

        length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
        connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connection < 0)
                return -errno;
        ret->length = 0;
        ret->first_byte_us = 0;
        ret->start_us = now_us();
        if (connect(connection, (const struct sockaddr *) address, sizeof *address) < 0 ||
            send(connection, request, (size_t) length, MSG_NOSIGNAL) != length)
                r = -errno;
        else
                r = read_answer(connection, ret);
        close(connection);
        return r;
}
