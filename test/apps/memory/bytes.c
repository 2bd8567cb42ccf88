/*
 * Fills bytes so that each can be told from its neighbours, and looks whether they are still as they were
 * filled.
 */
#include "memory.h"
#include <stdarg.h>
#include <stdio.h>

char said[256];

bool fail(const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        (void) vsnprintf(said, sizeof(said), format, arguments);
        va_end(arguments);
        return false;
}

unsigned char byte_of(unsigned char fill, size_t at)
{
        return (unsigned char) (fill + at / PAGE + at % 251) | 1;
}

void fill_with(unsigned char *at, size_t size, unsigned char fill)
{
        for (size_t i = 0; i < size; i++)
                at[i] = byte_of(fill, i);
}

bool is_filled(const unsigned char *at, size_t size, unsigned char fill, const char *what)
{
        for (size_t i = 0; i < size; i++)
                if (at[i] != byte_of(fill, i))
                        return fail("byte %zu of %zu of %s is %d, not %d", i, size, what, at[i],
                                    byte_of(fill, i));
        return true;
}

size_t count_nonzero(const unsigned char *at, size_t size)
{
        size_t n = 0;

        for (size_t i = 0; i < size; i++)
                n += at[i] != 0;
        return n;
}
