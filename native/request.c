// Parses requests. No I/O.
#include "request.h"

#include "hook.h"
#include "options.h"
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// What criu(8) reads as 64 bits.
enum { GHOST_LIMIT_DIGITS = 18 };

// TERM, SIGTERM or 15.
static int parse_signal(const char *text)
{
        char *end;
        long number;

        if (strncmp(text, "SIG", 3) == 0)
                text += 3;
        for (int signal = 1; signal < SIGRTMIN; signal++) {
                const char *name = sigabbrev_np(signal);
                if (name && strcmp(name, text) == 0)
                        return signal;
        }
        errno = 0;
        number = strtol(text, &end, 10);
        if (errno != 0 || end == text || *end || number < 1 || number > SIGRTMAX)
                return -EINVAL;
        return (int) number;
}

// Digits alone; systemd's "infinity" is the largest number there is.
static int parse_timeout(const char *text, uint64_t *ret)
{
        char *end;
        unsigned long long number;

        if (*text < '0' || *text > '9')
                return -EINVAL;
        errno = 0;
        number = strtoull(text, &end, 10);
        if (errno != 0 || *end)
                return -EINVAL;
        *ret = number;
        return 0;
}

// What ExecReload= knows of the unit as it is now: CONFIGURATION SOCKETS SIGNAL MICROSECONDS
static int parse_switch(char **words, struct request *ret)
{
        ret->kind = REQUEST_SWITCH;
        ret->configuration = words[0];
        ret->sockets = words[1];
        ret->signal = parse_signal(words[2]);
        if (!hex_is_valid(words[0], strlen(words[0]), CONFIGURATION_LENGTH) ||
            !hex_is_valid(words[1], strlen(words[1]), SOCKETS_LENGTH) || ret->signal < 0)
                return -EINVAL;
        return parse_timeout(words[3], &ret->stop_timeout_us);
}

// Whole, for an empty word counts among those of a command.
static int parse_run(const char *command, struct request *ret)
{
        if (*command != '/' || strlen(command) > HOOK_MAX)
                return -EINVAL;
        *ret = (struct request){.kind = REQUEST_RUN, .command = command};
        return 0;
}

int request_parse(char *line, struct request *ret)
{
        enum { WORDS_MAX = 5 };
        char *words[WORDS_MAX + 1] = {0}, *rest = NULL;
        struct request request = {0};
        size_t n = 0;

        if (strncmp(line, "run ", strlen("run ")) == 0)
                return parse_run(line + strlen("run "), ret);
        for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
                if (n == WORDS_MAX)
                        return -EINVAL;
                words[n++] = word;
        }
        if (n == 1 && strcmp(words[0], "state") == 0) {
                request.kind = REQUEST_STATE;
        } else if (n == 1 && strcmp(words[0], "boot") == 0) {
                request.kind = REQUEST_BOOT;
        } else if (n == 5 && strcmp(words[0], "switch") == 0) {
                if (parse_switch(words + 1, &request) < 0)
                        return -EINVAL;
        } else if (n == 1 && strcmp(words[0], "settle") == 0) {
                request.kind = REQUEST_SETTLE;
        } else if (n == 4 && strcmp(words[0], "dump") == 0 && *words[1] == '/') {
                request.kind = REQUEST_DUMP;
                request.directory = words[1];
                request.leave_running = strcmp(words[2], "leave-running") == 0;
                if (!request.leave_running && strcmp(words[2], "kill") != 0)
                        return -EINVAL;
                request.ghost_limit = words[3];
                if (strlen(words[3]) > GHOST_LIMIT_DIGITS || words[3][strspn(words[3], "0123456789")])
                        return -EINVAL;
        } else if (n == 2 && strcmp(words[0], "prove") == 0 && *words[1] == '/') {
                request.kind = REQUEST_PROVE;
                request.directory = words[1];
        } else if (n == 2 && strcmp(words[0], "kill") == 0) {
                request.kind = REQUEST_KILL;
                request.signal = parse_signal(words[1]);
                if (request.signal < 0)
                        return -EINVAL;
        } else {
                return -EINVAL;
        }
        *ret = request;
        return 0;
}
