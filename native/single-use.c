// Takes the mark off a snapshot that serves one start, in a way that outlives us and the power supply.
#include "single-use.h"

#include "cleanup.h"
#include "paths.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

int single_use_claim(const char *application, const char *snapshot, struct refusal *ret_refusal)
{
        _cleanup_close_ int folder = FD_NONE;
        char path[PATH_MAX];
        int r = 0;

        (void) snprintf(path, sizeof(path), STATE_DIRECTORY "/%s/snapshots/%s", application, snapshot);
        folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        // rename(2) is atomic: of two starts that try at once, one finds the mark.
        if (folder < 0 || renameat(folder, "unused", folder, "used") < 0)
                r = -errno;
        if (r == -ENOENT)
                return refuse(ret_refusal, r, "snapshot-used", "another start has used it up");
        // On disk before criu begins: after a power cut it must not look unused.
        if (r == 0 && fsync(folder) < 0)
                r = -errno;
        if (r < 0)
                return refuse(ret_refusal, r, "use-failed", "%s cannot be marked as used: %s", path,
                              strerror(-r));
        return 0;
}
