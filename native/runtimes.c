// Tells runtimes what is good for a snapshot. Each is told in a variable that it alone reads, so nobody has
// to find out which one it is before it runs.
#include "runtimes.h"

#include "cleanup.h"
#include "clock.h"
#include "exit-status.h"
#include "openssl.h"
#include "paths.h"
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <systemd/sd-daemon.h>

#define RUBY_FILE RUNTIMES_DIRECTORY "/ruby.rb"
#define RUBY_WORD "-r" RUBY_FILE

#define NODE_FILE RUNTIMES_DIRECTORY "/node.cjs"

#define PHP_DIRECTORY RUNTIMES_DIRECTORY "/php"

// What units/runtimes/ruby.rb waits for. Of the signals that a Ruby may trap, none but init gets it from
// anybody.
enum { SETTLE_SIGNAL = SIGPWR };

// What it ignores. Nothing sends it since there are no coprocessors.
enum { MARK_SIGNAL = SIGSTKFLT };

enum { PROC_PATH_MAX = 32 };

enum { SETTLE_TIMEOUT_US = 10 * 1000 * 1000, LOOK_EVERY_US = 20 * 1000 };

// Goes in front of what the operator set: a later word has the last say with all of them.
static int prepend(const char *name, const char *word)
{
        const char *before = getenv(name);
        _cleanup_free_ char *value = NULL;

        if (!before || !*before)
                return setenv(name, word, 1) < 0 ? -errno : 0;
        if (asprintf(&value, "%s %s", word, before) < 0)
                return -ENOMEM;
        return setenv(name, value, 1) < 0 ? -errno : 0;
}

// Directories of settings, each of them over the one before; a missing word after the colon is PHP's own.
static int set_php_directories(void)
{
        const char *before = getenv("PHP_INI_SCAN_DIR");
        _cleanup_free_ char *value = NULL;

        if (asprintf(&value, "%s%s%s", PHP_DIRECTORY, before && !*before ? "" : ":", before ? before : "") <
            0)
                return -ENOMEM;
        return setenv("PHP_INI_SCAN_DIR", value, 1) < 0 ? -errno : 0;
}

int runtimes_set_environment(void)
{
        // The machine keeps its counters in a file in /tmp that it removes when it ends, and CRIU restores
        // no process whose mapped file is gone.
        int r = prepend("JAVA_TOOL_OPTIONS", "-XX:-UsePerfData");

        if (r >= 0)
                r = set_php_directories();
        // A Ruby, or a Node, that is told to load what it may not read does not boot.
        if (r >= 0 && access(RUBY_FILE, R_OK) == 0)
                r = prepend("RUBYOPT", RUBY_WORD);
        if (r >= 0 && access(NODE_FILE, R_OK) == 0)
                r = prepend("NODE_OPTIONS", "--require=" NODE_FILE);
        return r < 0 ? r : openssl_set_environment();
}

static void proc_path(pid_t pid, const char *name, char ret[static PROC_PATH_MAX])
{
        (void) snprintf(ret, PROC_PATH_MAX, "/proc/%d/%s", pid, name);
}

static FILE *proc_open(pid_t pid, const char *name)
{
        char path[PROC_PATH_MAX];

        proc_path(pid, name, path);
        return fopen(path, "re");
}

static bool is_ruby(pid_t pid)
{
        char path[PROC_PATH_MAX], target[PATH_MAX];
        const char *name;
        ssize_t size;

        proc_path(pid, "exe", path);
        size = readlink(path, target, sizeof(target) - 1);
        if (size < 0)
                return false;
        target[size] = '\0';
        name = strrchr(target, '/');
        return name && strncmp(name, "/ruby", strlen("/ruby")) == 0;
}

// Whether it traps our signal, and as our word does: one that came up without it does with the signal what
// is its own affair. What tells them apart is the mark; the environment does not, a title is written over
// it.
static bool was_told(pid_t pid)
{
        FILE *status = proc_open(pid, "status");
        unsigned long long caught = 0, ignored = 0;
        char line[256];

        if (!status)
                return false;
        while (fgets(line, sizeof(line), status)) {
                (void) sscanf(line, "SigIgn: %llx", &ignored);
                (void) sscanf(line, "SigCgt: %llx", &caught);
        }
        (void) fclose(status);
        return (caught >> (SETTLE_SIGNAL - 1)) & (ignored >> (MARK_SIGNAL - 1)) & 1;
}

// Returns whether that process has not settled yet, and has been asked to.
static bool ask(pid_t pid)
{
        // Opened before it is looked at: should the number pass to another process, the signal goes nowhere.
        _cleanup_close_ int pidfd = pidfd_open(pid, 0);

        return pidfd >= 0 && was_told(pid) && is_ruby(pid) &&
               pidfd_send_signal(pidfd, SETTLE_SIGNAL, NULL, 0) == 0;
}

int runtimes_settle(void)
{
        uint64_t deadline = monotonic_us() + SETTLE_TIMEOUT_US;
        DIR *proc = opendir("/proc");
        bool waits = true;

        if (!proc)
                return EXIT_STATUS_FAILED;
        // Whoever has settled ignores the signal from then on. Asked again meanwhile, it has nothing to add.
        while (waits && monotonic_us() < deadline) {
                waits = false;
                rewinddir(proc);
                for (struct dirent *entry; (entry = readdir(proc));)
                        if (isdigit((unsigned char) entry->d_name[0]) &&
                            ask((pid_t) strtol(entry->d_name, NULL, 10)))
                                waits = true;
                if (waits)
                        (void) usleep(LOOK_EVERY_US);
        }
        (void) closedir(proc);
        if (!waits)
                return EXIT_STATUS_OK;
        (void) fprintf(stderr, SD_WARNING "A Ruby did not put its memory in order within %d s, ignoring\n",
                       (int) (SETTLE_TIMEOUT_US / 1000000));
        return EXIT_STATUS_FAILED;
}
