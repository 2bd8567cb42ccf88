/*
 * Loaded into a program by LD_PRELOAD: has one of its writes to files below /var/lib/grenadine or /run/grenadine fail
 * with EIO, as a disk that is broken does. FAILING_WRITE names a file with the number of that write, counted from 1 since
 * the file is there; FAILING_WRITE.log gets a line for each, with the path. Without the file nothing is counted.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static ino_t order_inode;
static long seen;

static bool is_ours(int fd, char *path)
{
        char link[64];
        ssize_t size;

        (void) snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        size = readlink(link, path, PATH_MAX - 1);
        path[size > 0 ? size : 0] = 0;
        return strstr(path, "/var/lib/grenadine/") || strstr(path, "/run/grenadine/");
}

// Not by what is replaced here.
static void tell(const char *order, const char *path)
{
        char log[PATH_MAX], line[PATH_MAX + 1];
        int fd;

        (void) snprintf(log, sizeof(log), "%s.log", order);
        (void) snprintf(line, sizeof(line), "%s\n", path);
        fd = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        (void) syscall(SYS_write, fd, line, strlen(line));
        (void) close(fd);
}

static bool fails(int fd)
{
        const char *order = getenv("FAILING_WRITE");
        char path[PATH_MAX], wanted[32] = "";
        struct stat st;
        bool is_it = false;
        int file;

        if (!order || !is_ours(fd, path))
                return false;
        file = open(order, O_RDONLY | O_CLOEXEC);
        if (file < 0)
                return false;
        (void) pthread_mutex_lock(&lock);
        if (fstat(file, &st) == 0 && read(file, wanted, sizeof(wanted) - 1) > 0) {
                if (st.st_ino != order_inode)
                        seen = 0;
                order_inode = st.st_ino;
                seen++;
                is_it = seen == strtol(wanted, NULL, 10);
                tell(order, path);
        }
        (void) pthread_mutex_unlock(&lock);
        (void) close(file);
        if (is_it)
                errno = EIO;
        return is_it;
}

#define NEXT(name) ((__typeof__(&(name))) dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *bytes, size_t size)
{
        return fails(fd) ? -1 : NEXT(write)(fd, bytes, size);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
        return fails(fd) ? -1 : NEXT(pwrite64)(fd, bytes, size, offset);
}

ssize_t writev(int fd, const struct iovec *vectors, int n)
{
        return fails(fd) ? -1 : NEXT(writev)(fd, vectors, n);
}

ssize_t pwritev64(int fd, const struct iovec *vectors, int n, off64_t offset)
{
        return fails(fd) ? -1 : NEXT(pwritev64)(fd, vectors, n, offset);
}
