/*
 * A region that the program has mapped by itself, and what a program may ask of the kernel for it.
 */
#include "memory.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REGION = 4 << 20 };

static unsigned char *region;

bool begin_region(void)
{
        region = mmap(NULL, REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (region == MAP_FAILED)
                return false;
        fill_with(region, REGION, 7);
        return true;
}

bool region_is_whole(void)
{
        return is_filled(region, REGION, 7, "the region");
}

// A program that has these calls among its names is one that may count on zeros; this one is to be judged by
// its allocator.
static long by_number(long call, long at, long size, long third, long fourth)
{
        return syscall(call, at, size, third, fourth);
}

static bool discard(int advice)
{
        int error = by_number(SYS_madvise, (long) region, REGION, advice, 0) < 0 ? errno : 0;

        size_t nonzero = count_nonzero(region, REGION);

        fill_with(region, REGION, 7);
        return error == 0 && nonzero == 0 ? true : fail("error=%d nonzero=%zu", error, nonzero);
}

bool discard_now(void)
{
        return discard(MADV_DONTNEED);
}

// What it holds afterwards, zeros or not, is the kernel's choice.
bool discard_lazily(void)
{
        return discard(MADV_FREE);
}

// In a child that shares every page until one of the two writes to it.
static bool in_child(bool (*work)(void))
{
        int status;
        pid_t pid = fork();

        if (pid == 0)
                _exit(work() ? 0 : 1);
        if (pid < 0 || waitpid(pid, &status, 0) != pid)
                return fail("no child");
        if (WIFSIGNALED(status))
                return fail("the child died of signal %d", WTERMSIG(status));
        return WEXITSTATUS(status) == 0 || fail("the child saw other memory");
}

static bool overwrite(void)
{
        if (!are_whole())
                return false;
        clear_blocks();
        memset(region, 0, REGION);
        return count_nonzero(region, REGION) == 0;
}

bool share_with_child(void)
{
        return in_child(overwrite) && are_whole();
}

static bool write_protected(void)
{
        region[REGION / 2] = 0;
        return true;
}

bool protect(void)
{
        // Across whatever the kernel made of it.
        if (mprotect(region + PAGE, REGION - 2 * PAGE, PROT_READ) < 0)
                return fail("mprotect(): %s", strerror(errno));
        if (in_child(write_protected))
                return fail("protected memory was written to");
        if (mprotect(region + PAGE, REGION - 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC) < 0)
                return fail("mprotect() with PROT_EXEC: %s", strerror(errno));
        if (mprotect(region + PAGE, REGION - 2 * PAGE, PROT_READ | PROT_WRITE) < 0)
                return fail("mprotect(): %s", strerror(errno));
        *said = '\0';
        fill_with(region, REGION, 9);
        if (!is_filled(region, REGION, 9, "the region that was protected"))
                return false;
        fill_with(region, REGION, 7);
        return are_whole();
}

// The region grows, and may move.
bool move(void)
{
        long moved = by_number(SYS_mremap, (long) region, REGION, 2 * REGION, MREMAP_MAYMOVE);

        if (moved < 0)
                return fail("mremap(): %s", strerror(errno));
        region = (unsigned char *) moved;
        if (!is_filled(region, REGION, 7, "the region that was moved"))
                return false;
        fill_with(region + REGION, REGION, 3);
        if (!is_filled(region + REGION, REGION, 3, "what the region grew by"))
                return false;
        if (by_number(SYS_mremap, (long) region, 2 * REGION, REGION, 0) < 0)
                return fail("mremap() to less: %s", strerror(errno));
        return are_whole();
}

bool unmap(void)
{
        unsigned char *hole = region + REGION / 4;
        size_t size = REGION / 2, nonzero;

        if (munmap(hole, size) < 0)
                return fail("munmap(): %s", strerror(errno));
        if (mmap(hole, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != hole)
                return fail("mmap(): %s", strerror(errno));
        nonzero = count_nonzero(hole, size);
        if (nonzero > 0)
                return fail("%zu bytes of fresh memory are not zero", nonzero);
        for (size_t i = 0; i < size; i++)
                hole[i] = byte_of(7, REGION / 4 + i);
        return are_whole();
}

bool grow_break(void)
{
        enum { STEP = 1 << 20 };

        for (int round = 0; round < 8; round++) {
                unsigned char *fresh = sbrk(STEP);
                if (fresh == (void *) -1)
                        return fail("sbrk(): %s", strerror(errno));
                if (count_nonzero(fresh, STEP) > 0)
                        return fail("fresh memory beyond the break is not zero");
                memset(fresh, 0xff, STEP);
                if (round % 2 && sbrk(-2 * STEP) == (void *) -1)
                        return fail("sbrk() to less: %s", strerror(errno));
        }
        return are_whole();
}
