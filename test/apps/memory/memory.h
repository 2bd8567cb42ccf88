/*
 * What the files of the program share: what is to be answered, bytes, and all that can be done with the
 * memory.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum { PAGE = 4096 };

// What is to be answered; empty while nothing was wrong and nothing counted.
extern char said[256];
// Says what is wrong, and answers false.
bool fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

// A `fill` other than 0 gives bytes other than 0.
unsigned char byte_of(unsigned char fill, size_t at);
void fill_with(unsigned char *at, size_t size, unsigned char fill);
bool is_filled(const unsigned char *at, size_t size, unsigned char fill, const char *what);
size_t count_nonzero(const unsigned char *at, size_t size);

// The blocks and the region.
bool are_whole(void);

bool begin_blocks(void);
bool blocks_are_whole(void);
void clear_blocks(void);
bool play_rounds(void);
bool ask_for_zeros(void);

bool begin_region(void);
bool region_is_whole(void);
bool discard_now(void);
bool discard_lazily(void);
bool share_with_child(void);
bool protect(void);
bool move(void);
bool unmap(void);
bool grow_break(void);
