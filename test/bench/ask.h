/* One HTTP request on a new TCP connection, timed. */
#pragma once

#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>

struct answer {
        int64_t start_us;      /* before connect() */
        int64_t first_byte_us; /* both on CLOCK_MONOTONIC */
        size_t length;
        char text[256 * 1024]; /* ends with a NUL; what is longer is cut off */
};

int64_t now_us(void);

/* Reads the arguments that all clients begin with; port and path are not looked into any further. */
int read_address(const char *ipv4, const char *port, struct sockaddr_in *ret);

/* Asks for the path and reads the whole answer, which ends when the server closes the connection. Returns 0,
 * or -errno; -ECONNRESET also for a connection that was closed without a byte. */
int ask(const struct sockaddr_in *address, const char *path, struct answer *ret);
