// Reads a plan from disk and judges it against this host: a few syscalls, no policy. A snapshot restored on
// another kernel, criu, configuration or release is worse than a cold boot.
#include "plan-check.h"

#include "cleanup.h"
#include "paths.h"
#include "shortage.h"
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char *unreadable(int error)
{
        return shortage_is(error) ? "host-refused" : "plan-invalid";
}

int plan_load(const char *directory, struct plan *ret, struct refusal *ret_refusal)
{
        _cleanup_close_ int fd = FD_NONE;
        char path[PATH_MAX];
        // One byte more than allowed, so that a plan that is too long is seen to be.
        char text[PLAN_SIZE_MAX + 1];
        size_t size = 0;
        unsigned line;

        if (snprintf(path, sizeof(path), "%s/plan", directory) >= (int) sizeof(path))
                return refuse(ret_refusal, -ENAMETOOLONG, "plan-invalid",
                              "the path of the plan is too long");
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0) {
                int error = errno;
                // A snapshot without a plan is a damaged one.
                bool is_missing = error == ENOENT && access(directory, F_OK) < 0;
                return refuse(ret_refusal, -error, is_missing ? "no-snapshot" : unreadable(error), "%s: %s",
                              path, strerror(error));
        }
        for (;;) {
                ssize_t n = read(fd, text + size, sizeof(text) - size);
                if (n < 0)
                        return refuse(ret_refusal, -errno, unreadable(errno), "%s: %s", path,
                                      strerror(errno));
                if (n == 0)
                        break;
                size += (size_t) n;
                if (size == sizeof(text))
                        return refuse(ret_refusal, -E2BIG, "plan-invalid", "%s is too long", path);
        }
        if (plan_parse(text, size, ret, &line) < 0)
                return refuse(ret_refusal, -EBADMSG, "plan-invalid", "%s is damaged (line %u)", path, line);
        return 0;
}

bool plan_is_pinned(const struct plan *plan)
{
        char link[PATH_MAX], target[PATH_MAX], wanted[PATH_MAX];
        ssize_t n;

        (void) snprintf(link, sizeof(link), STATE_DIRECTORY "/%s/pin", plan->application);
        (void) snprintf(wanted, sizeof(wanted), "snapshots/%s", plan->snapshot);
        n = readlink(link, target, sizeof(target) - 1);
        if (n < 0)
                return false;
        target[n] = '\0';
        return strcmp(target, wanted) == 0;
}

static int check_release(const struct plan *plan, struct refusal *ret_refusal)
{
        char target[PATH_MAX];
        int r;

        if (!*plan->release_path)
                return 0;
        r = realpath(plan->release_path, target) ? 0 : -errno;
        if (r >= 0 && strcmp(target, plan->release_target) == 0)
                return 0;
        // Whatever is deployed now; what it was made of must still be there.
        if (plan_is_pinned(plan)) {
                if (access(plan->release_target, F_OK) == 0)
                        return 0;
                return refuse(ret_refusal, -ESTALE, "snapshot-stale",
                              "release: it is pinned, and '%s' is gone", plan->release_target);
        }
        if (r < 0)
                return refuse(ret_refusal, -ESTALE, "snapshot-stale", "release: '%s' cannot be resolved: %s",
                              plan->release_path, strerror(-r));
        return refuse(ret_refusal, -ESTALE, "snapshot-stale", "release: '%s' is now '%s', was '%s'",
                      plan->release_path, target, plan->release_target);
}

int plan_check(const struct plan *plan, const struct plan_expectation *expected, struct refusal *ret_refusal)
{
        struct utsname host;

        if (strcmp(plan->application, expected->application) != 0)
                return refuse(ret_refusal, -ESTALE, "snapshot-stale", "application: it is of '%s'",
                              plan->application);
        if (expected->snapshot && strcmp(plan->snapshot, expected->snapshot) != 0)
                return refuse(ret_refusal, -ESTALE, "snapshot-stale", "snapshot: the plan is that of %s",
                              plan->snapshot);
        if (strcmp(plan->configuration, expected->configuration) != 0)
                return refuse(ret_refusal, -ESTALE, "snapshot-stale", "configuration: it is now %s, was %s",
                              expected->configuration, plan->configuration);
        if (uname(&host) < 0 || strcmp(plan->kernel, host.release) != 0)
                return refuse(ret_refusal, -ESTALE, "snapshot-stale", "kernel: it is now %s, was %s",
                              host.release, plan->kernel);
        if (plan->criu_size != expected->criu->size || plan->criu_mtime != expected->criu->mtime)
                return refuse(ret_refusal, -ESTALE, "snapshot-stale",
                              "%s is not the one that made this snapshot", expected->criu->path);
        return check_release(plan, ret_refusal);
}
