/* A command that runs while something else is measured; its end is stamped by the signal, not by the
 * waiting. */
#define _GNU_SOURCE
#include "command.h"

#include "ask.h"
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int64_t ended_us;
static pid_t pid;
static const char *name;

static void on_child(int signal)
{
        (void) signal;
        ended_us = now_us();
}

int command_start(char **command)
{
        const struct sigaction when_ended = {.sa_handler = on_child, .sa_flags = SA_RESTART | SA_NOCLDSTOP};

        sigaction(SIGCHLD, &when_ended, NULL);
        name = command[0];
        pid = fork();
        if (pid != 0)
                return pid < 0 ? -errno : 0;
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
}

int64_t command_ended_us(void)
{
        return ended_us;
}

bool command_succeeded(void)
{
        int status;

        if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
                return true;
        fprintf(stderr, "'%s' failed\n", name);
        return false;
}
