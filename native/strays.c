// Reads in /proc who is whose child. Such a process became a child of init when its parent ended. CRIU dumps
// the tree below the application: without it, and without a word.
#include "strays.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct process {
        char name[64];
        pid_t pid; // in its own namespace
        bool is_zombie;
};

static bool read_process(pid_t pid, struct process *ret)
{
        struct process process = {0};
        char path[32], line[256];
        FILE *status;

        (void) snprintf(path, sizeof(path), "/proc/%d/status", pid);
        status = fopen(path, "re");
        if (!status)
                return false;
        while (fgets(line, sizeof(line), status)) {
                const char *last = strrchr(line, '\t');
                (void) sscanf(line, "Name:\t%63[^\n]", process.name);
                if (strncmp(line, "State:\tZ", strlen("State:\tZ")) == 0)
                        process.is_zombie = true;
                // One number for each namespace, its own last.
                if (strncmp(line, "NSpid:", strlen("NSpid:")) == 0 && last)
                        (void) sscanf(last, "%d", &process.pid);
        }
        (void) fclose(status);
        *ret = process;
        return process.pid > 0;
}

// Init's own children, the one that answers bind(2) among them, execute what we execute; no application
// does.
static bool is_ours(pid_t pid)
{
        struct stat own, other;
        char path[32];

        (void) snprintf(path, sizeof(path), "/proc/%d/exe", pid);
        return stat("/proc/self/exe", &own) == 0 && stat(path, &other) == 0 && own.st_dev == other.st_dev &&
               own.st_ino == other.st_ino;
}

bool strays_name(pid_t init, pid_t application, char *ret, size_t size)
{
        struct process process;
        bool found = false;
        char path[64];
        FILE *children;
        pid_t pid;

        // proc_pid_task(5): exact only while no child ends, and one that does is none of those we look for.
        // CRIU needs this file as well.
        (void) snprintf(path, sizeof(path), "/proc/%d/task/%d/children", init, init);
        children = fopen(path, "re");
        if (!children)
                return false;
        while (!found && fscanf(children, "%d", &pid) == 1)
                found = read_process(pid, &process) && process.pid != application && !process.is_zombie &&
                        !is_ours(pid);
        (void) fclose(children);
        if (found)
                (void) snprintf(ret, size,
                                "process %d (%s) has left the tree of the application, as daemons do, and "
                                "would be missing after a restore: keep it in the foreground, or start the "
                                "application below a program that adopts orphans, such as tini -s",
                                process.pid, process.name);
        return found;
}
