/*
 * Connects to a TCP address, asks for a path and measures from before connect() to the first byte of the
 * answer, on CLOCK_MONOTONIC. The whole answer goes to standard output, the time in microseconds to standard
 * error.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int64_t now_us(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int fail(const char *what)
{
        fprintf(stderr, "%s: %s\n", what, strerror(errno));
        return EXIT_FAILURE;
}

/* Copies the rest of the answer, which ends when the server closes the connection. */
static int copy_answer(int connection, char *buffer, size_t size, ssize_t first)
{
        for (ssize_t n = first; n != 0; n = read(connection, buffer, size)) {
                if (n < 0)
                        return fail("read");
                if (fwrite(buffer, 1, (size_t) n, stdout) != (size_t) n)
                        return fail("write");
        }
        return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
        struct sockaddr_in address = {.sin_family = AF_INET};
        char request[1024], answer[65536];
        int64_t start, first_byte;
        int connection, length;
        ssize_t n;

        if (argc != 4 || inet_pton(AF_INET, argv[1], &address.sin_addr) != 1) {
                fprintf(stderr, "usage: first-byte IPV4-ADDRESS PORT PATH\n");
                return 2;
        }
        address.sin_port = htons((uint16_t) atoi(argv[2]));
        length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", argv[3]);
        connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connection < 0)
                return fail("socket");

        start = now_us();
        if (connect(connection, (struct sockaddr *) &address, sizeof address) < 0)
                return fail("connect");
        if (write(connection, request, (size_t) length) != length)
                return fail("write");
        n = read(connection, answer, sizeof answer);
        first_byte = now_us();

        fprintf(stderr, "%lld\n", (long long) (first_byte - start));
        return copy_answer(connection, answer, sizeof answer, n);
}
