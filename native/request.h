// What the control socket may be asked.
#pragma once

enum request_kind {
        REQUEST_STATE,
        REQUEST_BOOT,
        REQUEST_DUMP,
        REQUEST_PROVE,
        REQUEST_KILL,
        REQUEST_SWITCH,
        REQUEST_SETTLE,
};

struct request {
        enum request_kind kind;
        const char *directory;   // dump, prove; points into the line
        int leave_running;       // dump
        const char *ghost_limit; // dump: bytes, in digits; points into the line
        int signal;              // kill
};

// Cuts the line up in place. Returns 0 or -EINVAL.
int request_parse(char *line, struct request *ret);
