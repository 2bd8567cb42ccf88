// Writes refusals. They are one line of UTF-8, which D-Bus insists on: what a path may hold besides, and
// what a terminal obeys, becomes question marks.
#include "refusal.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// How many bytes the character has that begins there, utf-8(7); 0 when none does that may be shown.
static size_t character_at(const unsigned char *at)
{
        // What fits fewer bytes is not written with more. Below 0xa0 are further control characters.
        static const uint32_t least[] = {0, 0, 0xa0, 0x800, 0x10000};
        size_t length = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
        uint32_t code = at[0] & (0x7fU >> length);

        if (at[0] < 0x80)
                return at[0] >= ' ' && at[0] != 0x7f;
        if (at[0] < 0xc0 || at[0] > 0xf4)
                return 0;
        for (size_t i = 1; i < length; i++) {
                // The end of the text is no such byte.
                if ((at[i] & 0xc0) != 0x80)
                        return 0;
                code = code << 6 | (at[i] & 0x3f);
        }
        return code >= least[length] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? length : 0;
}

int refuse(struct refusal *ret, int error, const char *code, const char *format, ...)
{
        va_list arguments;

        ret->code = code;
        va_start(arguments, format);
        (void) vsnprintf(ret->detail, sizeof(ret->detail), format, arguments);
        va_end(arguments);
        for (char *c = ret->detail; *c;) {
                size_t length = character_at((const unsigned char *) c);
                if (length == 0)
                        *c = '?';
                c += length > 0 ? length : 1;
        }
        return error;
}
