// What the control socket may be asked.
#pragma once

#include <stdint.h>

enum request_kind {
        REQUEST_STATE,
        REQUEST_BOOT,
        REQUEST_DUMP,
        REQUEST_PROVE,
        REQUEST_KILL,
        REQUEST_SWITCH,
        REQUEST_SETTLE,
        REQUEST_RUN,
};

struct request {
        enum request_kind kind;
        const char *directory;     // dump, prove; points into the line
        int leave_running;         // dump
        const char *ghost_limit;   // dump: bytes, in digits; points into the line
        int signal;                // kill; switch: what stops the generation that is replaced
        const char *configuration; // switch: of the unit as it is now; points into the line
        const char *sockets;       // the same
        const char *command;       // run: as HOOK_COMMAND has it; points into the line
        uint64_t stop_timeout_us;  // switch: UINT64_MAX for ever
};

// Cuts the line up in place. Returns 0 or -EINVAL.
int request_parse(char *line, struct request *ret);
