/*
 * Fills memory when it boots, and afterwards looks whether it is still what it should be, while it does with
 * it whatever allocators and programs do. Each path of an HTTP request is one such thing; the answer is a
 * line, and its status 500 where a byte was wrong. Knows nothing of snapshots.
 */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
        FIRST_PASSED_FD = 3,
        PAGE = 4096,
        REGION = 4 << 20,
        BLOCKS = 96,
        BOOT_ROUNDS = 60,
        ROUNDS = 300,
};

// A block of malloc's, and a byte that says how it is filled; 0: there is none.
struct block {
        unsigned char *at;
        size_t size;
        unsigned char fill;
};

// One thread's memory; glibc's malloc gives each an arena of its own.
struct field {
        struct block blocks[BLOCKS];
        unsigned random;
};

static unsigned char *region;
static struct field fields[2];
static char said[256];

static bool fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
static bool fail(const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        (void) vsnprintf(said, sizeof(said), format, arguments);
        va_end(arguments);
        return false;
}

static unsigned draw(struct field *field)
{
        field->random = field->random * 1103515245 + 12345;
        return field->random >> 8;
}

static unsigned char byte_of(unsigned char fill, size_t at)
{
        return (unsigned char) (fill + at / PAGE + at % 251) | 1;
}

static void fill_with(unsigned char *at, size_t size, unsigned char fill)
{
        for (size_t i = 0; i < size; i++)
                at[i] = byte_of(fill, i);
}

static bool is_filled(const unsigned char *at, size_t size, unsigned char fill, const char *what)
{
        for (size_t i = 0; i < size; i++)
                if (at[i] != byte_of(fill, i))
                        return fail("byte %zu of %zu of %s is %d, not %d", i, size, what, at[i],
                                    byte_of(fill, i));
        return true;
}

static size_t count_nonzero(const unsigned char *at, size_t size)
{
        size_t n = 0;

        for (size_t i = 0; i < size; i++)
                n += at[i] != 0;
        return n;
}

// From a few bytes to what malloc takes from mmap(2).
static size_t draw_size(struct field *field)
{
        return 16 + draw(field) % (1U << (6 + draw(field) % 15));
}

static bool allocate(struct field *field, struct block *block)
{
        block->size = draw_size(field);
        block->fill = (unsigned char) (1 + draw(field) % 255);
        if (draw(field) % 2) {
                block->at = malloc(block->size);
        } else {
                block->at = calloc(1, block->size);
                if (block->at && count_nonzero(block->at, block->size) > 0)
                        return fail("calloc() gave %zu bytes that are not zero",
                                    count_nonzero(block->at, block->size));
        }
        if (!block->at)
                return fail("no memory");
        fill_with(block->at, block->size, block->fill);
        return true;
}

static bool release(struct block *block)
{
        bool whole = is_filled(block->at, block->size, block->fill, "a block");

        free(block->at);
        *block = (struct block){0};
        return whole;
}

static bool resize(struct field *field, struct block *block)
{
        size_t size = draw_size(field);
        unsigned char *at = realloc(block->at, size);

        if (!at)
                return fail("no memory");
        block->at = at;
        if (!is_filled(at, size < block->size ? size : block->size, block->fill, "a resized block"))
                return false;
        block->size = size;
        fill_with(at, size, block->fill);
        return true;
}

static bool is_whole(const struct field *field)
{
        for (size_t i = 0; i < BLOCKS; i++) {
                const struct block *block = &field->blocks[i];
                if (block->at && !is_filled(block->at, block->size, block->fill, "a block"))
                        return false;
        }
        return true;
}

static bool are_whole(void)
{
        return is_filled(region, REGION, 7, "the region") && is_whole(&fields[0]) && is_whole(&fields[1]);
}

// Has the allocator give back to the kernel whatever it can do without.
static void purge(void)
{
        int (*control)(const char *, void *, size_t *, void *, size_t) =
            (int (*)(const char *, void *, size_t *, void *, size_t)) dlsym(RTLD_DEFAULT, "mallctl");

        // 4096 stands for all arenas (jemalloc(3)).
        if (control)
                (void) control("arena.4096.purge", NULL, NULL, NULL, 0);
        else
                (void) malloc_trim(0);
}

static bool play(struct field *field, int rounds)
{
        for (int round = 0; round < rounds; round++) {
                for (int step = 0; step < 16; step++) {
                        struct block *block = &field->blocks[draw(field) % BLOCKS];
                        bool done = !block->at        ? allocate(field, block)
                                    : draw(field) % 3 ? release(block)
                                                      : resize(field, block);
                        if (!done)
                                return false;
                }
                if (round % 8 == 0) {
                        purge();
                        if (!is_whole(field))
                                return false;
                }
        }
        return is_whole(field);
}

static int commands[2], results[2];

// Its memory comes from an arena of its own.
static void *second_thread(void *)
{
        int rounds;

        while (read(commands[0], &rounds, sizeof(rounds)) == sizeof(rounds)) {
                bool done = play(&fields[1], rounds);
                if (write(results[1], &done, sizeof(done)) != sizeof(done))
                        break;
        }
        return NULL;
}

static bool play_beside(int rounds)
{
        bool done = false;

        if (write(commands[1], &rounds, sizeof(rounds)) != sizeof(rounds) ||
            read(results[0], &done, sizeof(done)) != sizeof(done))
                return fail("the second thread is gone");
        return done;
}

static bool look(void)
{
        return are_whole();
}

static bool play_rounds(void)
{
        return play(&fields[0], ROUNDS) && play_beside(ROUNDS) && are_whole();
}

// Everything goes back to the allocator, from there to the kernel, and is asked for again, as zeros.
static bool ask_for_zeros(void)
{
        enum { N = 64 };
        static const size_t sizes[] = {60000, 1 << 20};
        unsigned char *fresh[N];
        size_t nonzero = 0;

        for (size_t i = 0; i < BLOCKS; i++)
                if (fields[0].blocks[i].at && !release(&fields[0].blocks[i]))
                        return false;
        purge();
        for (size_t kind = 0; kind < 2; kind++) {
                for (int i = 0; i < N; i++) {
                        fresh[i] = calloc(1, sizes[kind]);
                        if (!fresh[i])
                                return fail("no memory");
                        nonzero += count_nonzero(fresh[i], sizes[kind]);
                }
                for (int i = 0; i < N; i++)
                        free(fresh[i]);
        }
        (void) snprintf(said, sizeof(said), "nonzero=%zu", nonzero);
        return nonzero == 0 || fail("calloc() gave %zu bytes that are not zero", nonzero);
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

static bool discard_now(void)
{
        return discard(MADV_DONTNEED);
}

// What it holds afterwards, zeros or not, is the kernel's choice.
static bool discard_lazily(void)
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
        for (size_t i = 0; i < BLOCKS; i++)
                if (fields[0].blocks[i].at)
                        memset(fields[0].blocks[i].at, 0, fields[0].blocks[i].size);
        memset(region, 0, REGION);
        return count_nonzero(region, REGION) == 0;
}

static bool share_with_child(void)
{
        return in_child(overwrite) && are_whole();
}

static bool write_protected(void)
{
        region[REGION / 2] = 0;
        return true;
}

static bool protect(void)
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
static bool move(void)
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

static bool unmap(void)
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

static bool grow_break(void)
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

static const struct {
        const char *path;
        bool (*run)(void);
} things[] = {
    {"/whole", look},
    {"/rounds", play_rounds},
    {"/zeros", ask_for_zeros},
    {"/discard", discard_now},
    {"/discard-lazily", discard_lazily},
    {"/fork", share_with_child},
    {"/protect", protect},
    {"/move", move},
    {"/unmap", unmap},
    {"/break", grow_break},
};

static void answer(int connection, const char *path)
{
        char text[512];
        bool done = false;
        int size;

        *said = '\0';
        for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++)
                if (strcmp(things[i].path, path) == 0)
                        done = things[i].run();
        if (done && !*said)
                (void) snprintf(said, sizeof(said), "whole");
        size = snprintf(text, sizeof(text),
                        "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
                        "Connection: close\r\n\r\n%s\n",
                        done ? "200 OK" : "500 Wrong", strlen(said) + 1, said);
        (void) !write(connection, text, (size_t) size);
}

int main(void)
{
        pthread_t thread;

        (void) signal(SIGPIPE, SIG_IGN);
        // Not to be adapted: so that large blocks always come from mmap(2), and are resized by mremap(2).
        (void) mallopt(M_MMAP_THRESHOLD, 128 << 10);
        region = mmap(NULL, REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (region == MAP_FAILED || pipe(commands) < 0 || pipe(results) < 0)
                return 1;
        fill_with(region, REGION, 7);
        if (pthread_create(&thread, NULL, second_thread, NULL) != 0 || !play(&fields[0], BOOT_ROUNDS) ||
            !play_beside(BOOT_ROUNDS))
                return 1;
        for (;;) {
                char request[4096] = "", path[64] = "";
                int connection = accept(FIRST_PASSED_FD, NULL, NULL);
                if (connection < 0)
                        return 1;
                if (read(connection, request, sizeof(request) - 1) > 0 &&
                    sscanf(request, "%*15s %63s", path) == 1)
                        answer(connection, path);
                (void) close(connection);
        }
}
