// The main process while the application runs: output, signals, requests, and its end.
#pragma once

#include "launch.h"

// How the launcher is to end: as the application did, or by itself.
struct ending {
        int exit_status;
        int signal; // 0: by exit
};

// Returns 0 with the ending, or -errno. *ret_control_error tells that there is no control socket; all else
// works.
struct serve;
int serve_open(struct launch *launch, struct serve **ret, int *ret_control_error);
int serve_run(struct serve *serve, struct ending *ret);
struct serve *serve_close(struct serve *serve);
