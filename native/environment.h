// The environment of the application.
#pragma once

#include "credentials.h"
#include <stddef.h>

// Puts the application's variables, which front/ set apart, in the place of those that systemd meant for
// this one invocation of the launcher: a snapshot would carry them on for ever.
void environment_restore(void);

// $LISTEN_PID (the caller's own), $LISTEN_FDS, $LISTEN_FDNAMES; none of them without listeners.
int environment_pass_listeners(size_t n, const char *names);

// $GRENADINE_SEED: where the seed is.
int environment_set_seed(const char *path);

// $HOME, $USER, $LOGNAME, $SHELL, as systemd.exec(5) sets them with User=.
int environment_set_account(const struct account *account);
