// The files of UNIX listeners, in the application's mount namespace and in its calls.
#include "shelter.h"

#include "cleanup.h"
#include "directory.h"
#include "namespaces.h"
#include "paths.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

// The smallest there is.
enum { PAGE = 4096 };

_Static_assert(PAGE >= PATH_MAX, "a path lies in two pages at most");

// Opens the socket's file and nothing else: the directory may be the application's, and what it has put in
// its place, a link to a file that others trust, must not be covered.
static int open_socket(const char *path)
{
        _cleanup_close_ int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        struct stat st;

        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        return S_ISSOCK(st.st_mode) ? steal_fd(&fd) : -ENOTSOCK;
}

// A mount point cannot be removed or renamed from within its mount namespace.
int shelter_cover(const char *path, const char *with)
{
        _cleanup_close_ int fd = open_socket(path);

        // Without a file there is nothing to keep.
        if (fd < 0)
                return fd == -ENOENT || fd == -ENOTSOCK ? 0 : fd;
        return namespaces_cover(fd, with);
}

static int make_file(const struct options *options, size_t index, const struct account *account,
                     char ret[static PATH_MAX])
{
        _cleanup_close_ int fd = FD_NONE;
        int r = directory_make(WORK_DIRECTORY, 0700);

        (void) snprintf(ret, PATH_MAX, WORK_DIRECTORY "/%s", options->unit);
        if (r >= 0)
                r = directory_make(ret, 0700);
        if (r < 0)
                return r;
        (void) snprintf(ret, PATH_MAX, WORK_DIRECTORY "/%s/socket-%zu", options->unit, index);
        (void) unlink(ret);
        fd = open(ret, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_WRONLY, 0600);
        if (fd < 0)
                return -errno;
        return fchown(fd, account->uid, account->gid) < 0 ? -errno : 0;
}

int shelter_hide(const struct listeners *listeners, const struct options *options,
                 const struct account *account)
{
        for (size_t i = 0; i < listeners->n; i++) {
                struct address address;
                char file[PATH_MAX];
                const char *path = listeners_path(options, i, &address);
                int r = *path ? make_file(options, i, account, file) : 0;
                if (r >= 0 && *path)
                        r = shelter_cover(path, file);
                if (r < 0)
                        return r;
        }
        return 0;
}

int shelter_pin(const struct listeners *listeners, const struct options *options)
{
        for (size_t i = 0; i < listeners->n; i++) {
                struct address address;
                const char *path = listeners_path(options, i, &address);
                int r = *path ? shelter_cover(path, NULL) : 0;
                if (r < 0)
                        return r;
        }
        return 0;
}

// The path that is to be removed, absolute. Where a directory leads to is the kernel's to say, and its
// answer is compared, not used.
static int read_path(const struct question *asked, char ret[static PATH_MAX])
{
        char named[PATH_MAX] = "", link[64];
        struct iovec here = {.iov_base = named, .iov_len = sizeof(named)};
        size_t head = PAGE - asked->address % PAGE;
        // Its memory may end with the page in which the path ends; whole parts alone are read.
        struct iovec there[] = {
            {.iov_base = (void *) asked->address, .iov_len = head},
            {.iov_base = (void *) (asked->address + head), .iov_len = PATH_MAX - head},
        };
        ssize_t size = process_vm_readv(asked->thread, &here, 1, there, 2, 0);

        if (size <= 0 || !memchr(named, '\0', (size_t) size))
                return -EFAULT;
        if (*named == '/') {
                (void) snprintf(ret, PATH_MAX, "%s", named);
                return 0;
        }
        if (asked->fd == AT_FDCWD)
                (void) snprintf(link, sizeof(link), "/proc/%d/cwd", asked->thread);
        else
                (void) snprintf(link, sizeof(link), "/proc/%d/fd/%d", asked->thread, asked->fd);
        size = readlink(link, ret, PATH_MAX - 1);
        if (size < 0)
                return -errno;
        if ((size_t) size + strlen(named) + 2 > PATH_MAX)
                return -ENAMETOOLONG;
        ret[size] = '/';
        (void) strcpy(ret + size + 1, named);
        return 0;
}

bool shelter_has(const struct question *asked, const struct listeners *listeners,
                 const struct options *options)
{
        char path[PATH_MAX];

        if (read_path(asked, path) < 0)
                return false;
        for (size_t i = 0; i < listeners->n; i++) {
                struct address address;
                if (strcmp(listeners_path(options, i, &address), path) == 0)
                        return true;
        }
        return false;
}
