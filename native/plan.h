// The plan: what the bake left for the hot path, one line a fact. Parsed here, judged in plan-check.c.
#pragma once

#include "bounds.h"
#include "hook.h"
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// What open(2) may be told of a file that is opened again. O_CREAT, O_EXCL and O_TRUNC are not among it.
#define PLAN_FILE_FLAGS                                                                                     \
        (O_ACCMODE | O_APPEND | O_NONBLOCK | O_DSYNC | O_SYNC | O_DIRECT | O_DIRECTORY | O_NOFOLLOW |       \
         O_NOATIME | O_PATH)

struct plan_listener {
        uint32_t index; // which passed descriptor, from 0
        uint32_t inode; // what stands for it in the images
        bool nonblock;
        bool has_backlog;
        int backlog;
};

struct plan_option {
        uint32_t index;
        int level;
        int name;
        uint8_t value[OPTION_VALUE_MAX];
        size_t size;
};

// Whose rights a file is opened with.
struct plan_user {
        uid_t uid;
        gid_t gid;
        gid_t groups[PLAN_GROUPS_MAX];
        size_t n_groups;
};

// A file that criu does not open itself: somebody but root may put another in its place.
struct plan_file {
        uint32_t user; // index
        int flags;     // of open(2), none that makes or cuts a file
        uint64_t position;
        bool has_size;
        uint64_t size; // must still be so
        bool has_mtime;
        uint64_t mtime; // seconds; must still be so where nobody watches it
        size_t path;    // where it begins among the paths
};

// What the init process needs to run criu; sent to it as far as its paths reach.
struct plan_restore {
        pid_t pid;
        pid_t pid_floor;
        uint32_t stdout_inode; // 0: the application had closed it
        uint32_t stderr_inode;
        struct plan_listener listeners[LISTENERS_MAX];
        size_t n_listeners;
        uint32_t deadline_ms;
        bool does_without;   // criu was seen to run with the libraries in UNCALLED_DIRECTORY
        bool is_mapped;      // memory is mapped from files among the images
        bool has_seed;       // the application finds a fresh one in its file system
        bool is_vouched_for; // by the activator, which watches the files that are mapped
        struct plan_user users[PLAN_USERS_MAX];
        size_t n_users;
        struct plan_file files[PLAN_FILES_MAX];
        size_t n_files;
        size_t paths_size;
        char paths[PLAN_PATHS_SIZE_MAX]; // of the files, each with its NUL; the last member
};

struct plan {
        char application[APPLICATION_NAME_MAX + 1];
        char snapshot[SNAPSHOT_ID_LENGTH + 1];
        char configuration[CONFIGURATION_LENGTH + 1];
        char kernel[65];
        uint64_t criu_size;
        uint64_t criu_mtime;
        char release_path[PATH_MAX]; // empty: the application has no release link
        char release_target[PATH_MAX];
        struct plan_option options[PLAN_OPTIONS_MAX];
        size_t n_options;
        int signals[PLAN_SIGNALS_MAX]; // to the application once it is restored
        size_t n_signals;
        struct hook hooks[PLAN_HOOKS_MAX]; // done once it is restored and the service is ready
        size_t n_hooks;
        bool is_for_once; // one start uses it up
        struct plan_restore restore;
};

// Parses hostile bytes without allocating. Returns 0, or -EBADMSG with the number of the offending line
// (from 1; the one after the last when something is missing). *ret is untouched on failure.
int plan_parse(const char *text, size_t size, struct plan *ret, unsigned *ret_line);
