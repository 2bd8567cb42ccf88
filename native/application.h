// The cold boot's last step: a forked child becomes the application.
#pragma once

#include "init.h"
#include "phase.h"

// What a child that could not become the application sends; end of file instead means that it did.
struct application_failure {
        enum phase phase;
        int error;
};

// Replaces the calling process or returns the failure. Its listeners are LISTENERS_FIRST and up,
// close-on-exec still. `init` is where adopt_hand_over() goes.
struct application_failure application_exec(const struct init_context *context, int init);
