/*
 * Connects to a TCP address, asks for a path and measures from before connect() to the first byte of the
 * answer, on CLOCK_MONOTONIC. The whole answer goes to standard output; to standard error, in microseconds,
 * when it connected and how long the first byte took.
 */
#include "ask.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REST_US = 150 * 1000 };

int main(int argc, char **argv)
{
        static struct answer answer;
        struct sockaddr_in address;
        int r;

        if (argc != 4 || read_address(argv[1], argv[2], &address) < 0) {
                fprintf(stderr, "usage: first-byte IPV4-ADDRESS PORT PATH\n");
                return 2;
        }
        /*
         * A client elsewhere has been there for long. Our own beginning, which entered a cgroup, leaves the
         * kernel for some milliseconds in a state in which systemd's start of a service is quicker: it need
         * not wait for an RCU grace period to enter the next one.
         */
        usleep(REST_US);
        r = ask(&address, argv[3], &answer);
        if (r < 0) {
                fprintf(stderr, "%s\n", strerror(-r));
                return EXIT_FAILURE;
        }
        fprintf(stderr, "%lld %lld\n", (long long) answer.start_us,
                (long long) (answer.first_byte_us - answer.start_us));
        return fwrite(answer.text, 1, answer.length, stdout) == answer.length ? EXIT_SUCCESS : EXIT_FAILURE;
}
