// Reads in procfs what tasks have waited for. Ends nothing.
#include "allowance.h"

#include "cleanup.h"
#include "clock.h"
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum {
        // Less than that makes no difference to anybody.
        LEAST_US = 10 * 1000,
        // The kernel does not say how long a task has waited for the disk, but that it does.
        DISK_US = 500 * 1000,
        // Somebody waits, and a cold boot may come quicker: so many times the first deadline, and no more
        // than that.
        MORE_FACTOR = 7,
        MORE_US = 18 * 1000 * 1000,
};

struct waited {
        uint64_t processor_us;
        bool for_disk;
};

static bool read_line(int at, const char *path, char *ret, int size)
{
        int fd = openat(at, path, O_RDONLY | O_CLOEXEC);
        FILE *file = fd < 0 ? NULL : fdopen(fd, "re");
        bool is_read;

        if (!file) {
                close_at_scope_end(&fd);
                return false;
        }
        is_read = fgets(ret, size, file) != NULL;
        (void) fclose(file);
        return is_read;
}

static void add_task(int tasks, const char *task, struct waited *waited)
{
        char path[NAME_MAX], line[512];
        const char *name_end;
        uint64_t wait_ns;

        // Documentation/scheduler/sched-stats.rst: the time on a processor, that in line for one, turns.
        (void) snprintf(path, sizeof(path), "%.20s/schedstat", task);
        if (read_line(tasks, path, line, sizeof(line)) && sscanf(line, "%*u %" SCNu64, &wait_ns) == 1)
                waited->processor_us += wait_ns / 1000;
        // proc_pid_stat(5): a name may hold anything, so that the state stands behind the last parenthesis.
        (void) snprintf(path, sizeof(path), "%.20s/stat", task);
        name_end = read_line(tasks, path, line, sizeof(line)) ? strrchr(line, ')') : NULL;
        if (name_end && strncmp(name_end, ") D", 3) == 0)
                waited->for_disk = true;
}

// Calls `visit` for each entry that is a number.
static void each_number(int at, const char *path,
                        void (*visit)(int folder, const char *name, struct waited *), struct waited *waited)
{
        int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *folder = fd < 0 ? NULL : fdopendir(fd);

        if (!folder) {
                close_at_scope_end(&fd);
                return;
        }
        for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
                if (isdigit((unsigned char) *entry->d_name))
                        visit(dirfd(folder), entry->d_name, waited);
        (void) closedir(folder);
}

static void add_process(int proc, const char *pid, struct waited *waited)
{
        char tasks[NAME_MAX];

        (void) snprintf(tasks, sizeof(tasks), "%.20s/task", pid);
        if (strcmp(pid, "1") != 0)
                each_number(proc, tasks, add_task, waited);
}

uint64_t allowance_longest(uint64_t duration_us)
{
        return duration_us + (MORE_FACTOR * duration_us < MORE_US ? MORE_FACTOR * duration_us : MORE_US);
}

struct allowance allowance_begin(uint64_t duration_us)
{
        uint64_t now = monotonic_us();

        return (struct allowance){
            .deadline_us = now + duration_us,
            .last_us = now + allowance_longest(duration_us),
        };
}

bool allowance_extend(struct allowance *allowance, const char *proc)
{
        struct waited waited = {0};
        uint64_t now = monotonic_us(), more_us;

        each_number(AT_FDCWD, proc, add_process, &waited);
        // What has ended since then is missing from the sum.
        more_us =
            waited.processor_us > allowance->granted_us ? waited.processor_us - allowance->granted_us : 0;
        allowance->granted_us += more_us;
        if (waited.for_disk && more_us < DISK_US)
                more_us = DISK_US;
        if (more_us < LEAST_US || now >= allowance->last_us)
                return false;
        allowance->deadline_us = now + more_us < allowance->last_us ? now + more_us : allowance->last_us;
        return true;
}

bool allowance_is_used_up(const struct allowance *allowance)
{
        return monotonic_us() >= allowance->last_us;
}
