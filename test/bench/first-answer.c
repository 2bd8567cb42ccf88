/*
 * Runs a command, and meanwhile asks a TCP address for a path over new connections, one after the other with
 * a millisecond between them, until an answer holds the wanted text. Measures from before the fork to the
 * first byte of that answer and to the end of the command, and counts the connections that were refused and
 * those that were taken but never answered. Prints the four numbers, times in microseconds. The command's
 * output goes to standard error; its failure is ours.
 */
#define _GNU_SOURCE
#include "ask.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Longer than anything that is measured; a client that hangs would be a bench that hangs. */
enum { PATIENCE_SECONDS = 100 };

static const struct timespec pause_between = {.tv_nsec = 1000 * 1000};

static volatile int64_t ended_us;

static void on_child(int signal)
{
        (void) signal;
        ended_us = now_us();
}

static pid_t start(char **command)
{
        pid_t pid = fork();

        if (pid != 0)
                return pid;
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
}

/* Waits for the command, if it has not ended yet. */
static bool succeeded(pid_t pid, const char *command)
{
        int status;

        if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
                return true;
        fprintf(stderr, "'%s' failed\n", command);
        return false;
}

int main(int argc, char **argv)
{
        static struct answer answer;
        struct sigaction when_ended = {.sa_handler = on_child, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
        struct sockaddr_in address;
        int refused = 0, lost = 0, r;
        int64_t begin;
        pid_t pid;

        if (argc < 6 || read_address(argv[1], argv[2], &address) < 0) {
                fprintf(stderr, "usage: first-answer IPV4-ADDRESS PORT PATH WANTED COMMAND [ARGUMENT...]\n");
                return 2;
        }
        sigaction(SIGCHLD, &when_ended, NULL);
        alarm(PATIENCE_SECONDS);
        begin = now_us();
        pid = start(argv + 5);
        if (pid < 0) {
                perror("fork");
                return EXIT_FAILURE;
        }
        for (bool ended = false;; nanosleep(&pause_between, NULL)) {
                if (!ended && ended_us != 0) {
                        if (!succeeded(pid, argv[5]))
                                return EXIT_FAILURE;
                        ended = true;
                }
                r = ask(&address, argv[3], &answer);
                if (r == 0 && strstr(answer.text, argv[4]) != NULL) {
                        if (!ended && !succeeded(pid, argv[5]))
                                return EXIT_FAILURE;
                        break;
                }
                if (r == -ECONNREFUSED)
                        refused++;
                else if (r < 0)
                        lost++;
        }
        printf("%lld %lld %d %d\n", (long long) (answer.first_byte_us - begin),
               (long long) (ended_us - begin), refused, lost);
        return EXIT_SUCCESS;
}
