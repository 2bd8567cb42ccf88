// Writes refusals. They are one line: control characters (a path may hold a newline) become question marks.
#include "refusal.h"

#include <stdarg.h>
#include <stdio.h>

int refuse(struct refusal *ret, int error, const char *code, const char *format, ...)
{
        va_list arguments;

        ret->code = code;
        va_start(arguments, format);
        (void) vsnprintf(ret->detail, sizeof(ret->detail), format, arguments);
        va_end(arguments);
        for (char *c = ret->detail; *c; c++)
                if ((unsigned char) *c < ' ' || *c == 0x7f)
                        *c = '?';
        return error;
}
