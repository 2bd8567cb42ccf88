/*
 * Runs a command, and meanwhile asks a TCP address for a path over new connections, one after the other with
 * a millisecond between them, until an answer holds the wanted text. Measures from before the fork to the
 * first byte of that answer and to the end of the command, and counts the connections that were refused and
 * those that were taken but never answered. Prints the four numbers, times in microseconds. The command's
 * output goes to standard error; its failure is ours.
 */
#define _GNU_SOURCE
#include "ask.h"
#include "command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Longer than anything that is measured; a client that hangs would be a bench that hangs. */
enum { PATIENCE_SECONDS = 100 };

static const struct timespec pause_between = {.tv_nsec = 1000 * 1000};

int main(int argc, char **argv)
{
        static struct answer answer;
        struct sockaddr_in address;
        int refused = 0, lost = 0, r;
        int64_t begin;

        if (argc < 6 || read_address(argv[1], argv[2], &address) < 0) {
                fprintf(stderr, "usage: first-answer IPV4-ADDRESS PORT PATH WANTED COMMAND [ARGUMENT...]\n");
                return 2;
        }
        alarm(PATIENCE_SECONDS);
        begin = now_us();
        r = command_start(argv + 5);
        if (r < 0) {
                fprintf(stderr, "fork: %s\n", strerror(-r));
                return EXIT_FAILURE;
        }
        for (bool ended = false;; nanosleep(&pause_between, NULL)) {
                if (!ended && command_ended_us() != 0) {
                        if (!command_succeeded())
                                return EXIT_FAILURE;
                        ended = true;
                }
                r = ask(&address, argv[3], &answer);
                if (r == 0 && strstr(answer.text, argv[4]) != NULL) {
                        if (!ended && !command_succeeded())
                                return EXIT_FAILURE;
                        break;
                }
                if (r == -ECONNREFUSED)
                        refused++;
                else if (r < 0)
                        lost++;
        }
        printf("%lld %lld %d %d\n", (long long) (answer.first_byte_us - begin),
               (long long) (command_ended_us() - begin), refused, lost);
        return EXIT_SUCCESS;
}
