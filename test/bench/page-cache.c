/*
 * The files of a folder and the page cache. `evict` takes them out of it, and fails if anything stays: a
 * file system without a disk keeps all, a file that is mapped keeps what is mapped. `look` prints a line for
 * each run of bytes that is in the cache: offset, length, name. `read` reads them all in order, and prints
 * how many bytes that were in how many microseconds. Holes are no part of a file here: there may be a
 * terabyte of them.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static char buffer[1024 * 1024];

/* The bytes that were found in the cache, or were read. */
static int64_t total;

/* What is done with a run of bytes that holds data; 0 or -errno. */
typedef int (*visitor)(int file, const char *name, off_t start, size_t length);

static int64_t now_us(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* mincore(2) looks into the cache itself, so a fresh mapping will do. An overlay's file has none of its own:
 * its mapping is one of the file below. */
static int look(int file, const char *name, off_t start, size_t length)
{
        const size_t page = (size_t) sysconf(_SC_PAGESIZE), pages = (length + page - 1) / page;
        unsigned char *seen = malloc(pages);
        void *map = mmap(NULL, length, PROT_READ, MAP_SHARED, file, start);
        int r = 0;

        if (seen == NULL || map == MAP_FAILED || mincore(map, length, seen) < 0)
                r = -errno;
        for (size_t i = 0, run = 0; r == 0 && i < pages; i++) {
                if ((seen[i] & 1) == 0)
                        continue;
                run++;
                if (i + 1 < pages && (seen[i + 1] & 1) != 0)
                        continue;
                printf("%lld %zu %s\n", (long long) (start + (off_t) ((i + 1 - run) * page)), run * page,
                       name);
                total += (int64_t) (run * page);
                run = 0;
        }
        if (map != MAP_FAILED)
                munmap(map, length);
        free(seen);
        return r;
}

static int evict(int file, const char *name, off_t start, size_t length)
{
        /* What is not written yet stays. */
        if (fsync(file) < 0)
                return -errno;
        const int error = posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
        return error != 0 ? -error : look(file, name, start, length);
}

static int read_run(int file, const char *name, off_t start, size_t length)
{
        const off_t end = start + (off_t) length;

        (void) name;
        for (off_t at = start; at < end;) {
                const size_t left = (size_t) (end - at);
                const ssize_t n = pread(file, buffer, left < sizeof buffer ? left : sizeof buffer, at);
                if (n <= 0)
                        return n < 0 ? -errno : -EIO;
                at += n;
                total += n;
        }
        return 0;
}

static int visit_file(int folder, const char *name, visitor visit)
{
        int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), r = file < 0 ? -errno : 0;
        off_t start, end = 0;

        /* The end of the last run of data is ENXIO. */
        while (r == 0 && (start = lseek(file, end, SEEK_DATA)) >= 0) {
                end = lseek(file, start, SEEK_HOLE);
                r = end < 0 ? -errno : visit(file, name, start, (size_t) (end - start));
        }
        if (file >= 0)
                close(file);
        return r;
}

static visitor find_visitor(const char *verb)
{
        if (strcmp(verb, "look") == 0)
                return look;
        if (strcmp(verb, "evict") == 0)
                return evict;
        return strcmp(verb, "read") == 0 ? read_run : NULL;
}

int main(int argc, char **argv)
{
        const int64_t start_us = now_us();
        const visitor visit = argc == 3 ? find_visitor(argv[1]) : NULL;
        DIR *folder;
        int r = 0;

        if (visit == NULL) {
                fprintf(stderr, "usage: page-cache look|evict|read FOLDER\n");
                return 2;
        }
        folder = opendir(argv[2]);
        if (folder == NULL) {
                perror(argv[2]);
                return EXIT_FAILURE;
        }
        for (const struct dirent *entry; r == 0 && (entry = readdir(folder)) != NULL;) {
                if (entry->d_type != DT_REG)
                        continue;
                r = visit_file(dirfd(folder), entry->d_name, visit);
                if (r < 0)
                        fprintf(stderr, "%s: %s\n", entry->d_name, strerror(-r));
        }
        closedir(folder);
        if (visit == read_run)
                printf("%lld %lld\n", (long long) total, (long long) (now_us() - start_us));
        if (r == 0 && visit == evict && total > 0) {
                fprintf(stderr, "%lld bytes stay in memory\n", (long long) total);
                r = -EBUSY;
        }
        return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
