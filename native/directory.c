// Makes the launcher's runtime directories; leaves those that exist as they are.
#include "directory.h"

#include "paths.h"
#include <errno.h>
#include <sys/stat.h>

int directory_make(const char *path, mode_t mode)
{
        if (mkdir(path, mode) == 0 || errno == EEXIST)
                return 0;
        if (errno != ENOENT)
                return -errno;
        if (mkdir(RUNTIME_DIRECTORY, 0755) < 0 && errno != EEXIST)
                return -errno;
        return mkdir(path, mode) < 0 && errno != EEXIST ? -errno : 0;
}
