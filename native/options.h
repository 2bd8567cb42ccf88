// The command line of grenadine-launch(8), typed.
#pragma once

#include "bounds.h"
#include <stdbool.h>
#include <stddef.h>

struct options {
        const char *application;
        const char *configuration;
        const char *sockets;   // fingerprint of the addresses that systemd listens on
        const char *user;      // NULL: stay root
        const char *group;     // NULL: the user's own
        const char *directory; // NULL: /; absolute, or "~"
        const char *addresses[LISTENERS_MAX];
        size_t n_addresses;
        bool bake;
        bool adopt;     // what the application binds becomes the listener of that address
        bool no_pass;   // the application is passed no listeners
        bool presets;   // runtimes are told what makes a better snapshot
        bool seed;      // a cold boot finds a seed in its file system, as a restore of a plan with one does
        bool reload;    // be the client that asks for a switch
        char **command; // NULL-terminated, at least one word but with --reload
        // NAME, or NAME-bake: names the runtime files of this unit.
        char unit[APPLICATION_NAME_MAX + sizeof("-bake")];
};

// Returns 0, or -EINVAL with a sentence for people in *ret_complaint.
int options_parse(int argc, char **argv, struct options *ret, const char **ret_complaint);

// [a-z0-9][a-z0-9_-]*, at most 64 characters, not ending in "-bake".
bool application_name_is_valid(const char *name, size_t length);
// Lower-case hexadecimal digits, exactly so many.
bool hex_is_valid(const char *text, size_t length, size_t expected);
