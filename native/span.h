// A stretch of a text that is being read, and the values that may stand in it. What does not fit is
// -EBADMSG.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
        const char *at;
        size_t size;
};

// Takes the bytes up to the separator, or all that are left, and moves past it.
struct span span_take(struct span *rest, char separator);

bool span_is(struct span span, const char *word);

// Decimal digits alone: no sign, no blank, no leading zero but for 0 itself.
int span_number(struct span span, uint64_t min, uint64_t max, uint64_t *ret);
int span_u32(struct span span, uint32_t min, uint32_t max, uint32_t *ret);
int span_int(struct span span, int min, int max, int *ret);
// A number up to INT64_MAX, or `-` for none.
int span_optional(struct span span, bool *ret_is, uint64_t *ret);

// Visible ASCII without a blank, with its NUL in at most so many bytes.
int span_word(struct span span, char *ret, size_t size);
// An absolute path in which %XX stands for a byte.
int span_path(struct span span, char *ret, size_t size);
// Two digits make a byte; the caller has made sure that both are there.
int span_byte(const char *at, uint8_t *ret);
