// Edits the environment for the application; runs in the child that becomes it.
#include "environment.h"

#include "set-apart.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void environment_restore(void)
{
        char **to = environ;

        for (char **from = environ; from && *from; from++)
                if (**from & SET_APART) {
                        **from &= (char) ~SET_APART;
                        *to++ = *from;
                }
        if (to)
                *to = NULL;
}

static int set(const char *name, const char *value)
{
        return setenv(name, value, 1) < 0 ? -errno : 0;
}

int environment_pass_listeners(size_t n, const char *names)
{
        char number[24];
        int r;

        if (n == 0)
                return 0;
        // sd_listen_fds(3) compares it with the PID that the application sees of itself.
        (void) snprintf(number, sizeof(number), "%d", (int) getpid());
        r = set("LISTEN_PID", number);
        if (r < 0)
                return r;
        (void) snprintf(number, sizeof(number), "%zu", n);
        r = set("LISTEN_FDS", number);
        if (r < 0 || !names)
                return r;
        return set("LISTEN_FDNAMES", names);
}

int environment_set_account(const struct account *account)
{
        int r = set("HOME", account->home);

        if (r >= 0)
                r = set("USER", account->name);
        if (r >= 0)
                r = set("LOGNAME", account->name);
        return r < 0 ? r : set("SHELL", account->shell);
}

int environment_set_seed(const char *path)
{
        return set("GRENADINE_SEED", path);
}
