/*
 * Blocks of malloc's that come and go in two arenas, and what is in them.
 */
#include "memory.h"
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
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

static struct field fields[2];

static unsigned draw(struct field *field)
{
        field->random = field->random * 1103515245 + 12345;
        return field->random >> 8;
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

bool begin_blocks(void)
{
        pthread_t thread;

        // Not to be adapted: so that large blocks always come from mmap(2), and are resized by mremap(2).
        (void) mallopt(M_MMAP_THRESHOLD, 128 << 10);
        if (pipe(commands) < 0 || pipe(results) < 0 ||
            pthread_create(&thread, NULL, second_thread, NULL) != 0)
                return false;
        return play(&fields[0], BOOT_ROUNDS) && play_beside(BOOT_ROUNDS);
}

bool blocks_are_whole(void)
{
        return is_whole(&fields[0]) && is_whole(&fields[1]);
}

// Those of the first thread.
void clear_blocks(void)
{
        for (size_t i = 0; i < BLOCKS; i++)
                if (fields[0].blocks[i].at)
                        memset(fields[0].blocks[i].at, 0, fields[0].blocks[i].size);
}

bool play_rounds(void)
{
        return play(&fields[0], ROUNDS) && play_beside(ROUNDS) && are_whole();
}

// Everything goes back to the allocator, from there to the kernel, and is asked for again, as zeros.
bool ask_for_zeros(void)
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
