/*
 * Connects to a TCP address, asks for a path and measures from before connect() to the first byte of the
 * answer, on CLOCK_MONOTONIC. The whole answer goes to standard output, the time in microseconds to standard
 * error.
 */
#include "ask.h"

#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
        static struct answer answer;
        struct sockaddr_in address;
        int r;

        if (argc != 4 || read_address(argv[1], argv[2], &address) < 0) {
                fprintf(stderr, "usage: first-byte IPV4-ADDRESS PORT PATH\n");
                return 2;
        }
        r = ask(&address, argv[3], &answer);
        if (r < 0) {
                fprintf(stderr, "%s\n", strerror(-r));
                return EXIT_FAILURE;
        }
        fprintf(stderr, "%lld\n", (long long) (answer.first_byte_us - answer.start_us));
        return fwrite(answer.text, 1, answer.length, stdout) == answer.length ? EXIT_SUCCESS : EXIT_FAILURE;
}
