// The environment of the application.
#pragma once

#include "credentials.h"
#include <stddef.h>

// Removes what systemd meant for this one invocation of the launcher; a snapshot would carry it on for ever.
int environment_clean(void);

// $LISTEN_PID (the caller's own), $LISTEN_FDS, $LISTEN_FDNAMES; none of them without listeners.
int environment_pass_listeners(size_t n, const char *names);

// $GRENADINE_SEED: where the seed is.
int environment_set_seed(const char *path);

// $HOME, $USER, $LOGNAME, $SHELL, as systemd.exec(5) sets them with User=.
int environment_set_account(const struct account *account);
