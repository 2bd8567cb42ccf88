// Reads words and numbers of a text that nobody vouches for. No I/O, no allocation.
#include "span.h"

#include <errno.h>
#include <string.h>

struct span span_take(struct span *rest, char separator)
{
        const char *end = memchr(rest->at, separator, rest->size);
        struct span taken = {rest->at, end ? (size_t) (end - rest->at) : rest->size};
        size_t step = taken.size + (end ? 1 : 0);

        rest->at += step;
        rest->size -= step;
        return taken;
}

bool span_is(struct span span, const char *word)
{
        return span.size == strlen(word) && memcmp(span.at, word, span.size) == 0;
}

int span_number(struct span span, uint64_t min, uint64_t max, uint64_t *ret)
{
        uint64_t number = 0;

        if (span.size == 0 || (span.size > 1 && span.at[0] == '0'))
                return -EBADMSG;
        for (size_t i = 0; i < span.size; i++) {
                if (span.at[i] < '0' || span.at[i] > '9' || __builtin_mul_overflow(number, 10, &number) ||
                    __builtin_add_overflow(number, (uint64_t) (span.at[i] - '0'), &number))
                        return -EBADMSG;
        }
        if (number < min || number > max)
                return -EBADMSG;
        *ret = number;
        return 0;
}

int span_u32(struct span span, uint32_t min, uint32_t max, uint32_t *ret)
{
        uint64_t number;
        int r = span_number(span, min, max, &number);

        if (r < 0)
                return r;
        *ret = (uint32_t) number;
        return 0;
}

int span_int(struct span span, int min, int max, int *ret)
{
        uint64_t number;
        int r = span_number(span, (uint64_t) min, (uint64_t) max, &number);

        if (r < 0)
                return r;
        *ret = (int) number;
        return 0;
}

int span_word(struct span span, char *ret, size_t size)
{
        if (span.size == 0 || span.size >= size)
                return -EBADMSG;
        for (size_t i = 0; i < span.size; i++)
                if (span.at[i] <= ' ' || span.at[i] > '~')
                        return -EBADMSG;
        memcpy(ret, span.at, span.size);
        ret[span.size] = '\0';
        return 0;
}

static int hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -EBADMSG;
}

int span_byte(const char *at, uint8_t *ret)
{
        int high = hex_digit(at[0]), low = hex_digit(at[1]);

        if (high < 0 || low < 0)
                return -EBADMSG;
        *ret = (uint8_t) (high << 4 | low);
        return 0;
}

int span_path(struct span span, char *ret, size_t size)
{
        size_t length = 0;

        for (size_t i = 0; i < span.size; i++) {
                uint8_t byte = (uint8_t) span.at[i];
                if (byte == '%') {
                        if (span.size - i < 3 || span_byte(span.at + i + 1, &byte) < 0)
                                return -EBADMSG;
                        i += 2;
                }
                if (byte == 0 || length + 1 >= size)
                        return -EBADMSG;
                ret[length++] = (char) byte;
        }
        if (length == 0 || ret[0] != '/')
                return -EBADMSG;
        ret[length] = '\0';
        return 0;
}

int span_optional(struct span span, bool *ret_is, uint64_t *ret)
{
        *ret_is = !span_is(span, "-");
        return *ret_is ? span_number(span, 0, INT64_MAX, ret) : 0;
}
