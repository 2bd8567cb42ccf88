// Knows errors by number, and by the words that criu's log has for them. No I/O.
#include "shortage.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const int shortages[] = {ENOMEM, EAGAIN, ENOSPC, EMFILE, ENFILE, EROFS};
enum { N_SHORTAGES = sizeof(shortages) / sizeof(shortages[0]) };

bool shortage_is(int error)
{
        for (size_t i = 0; i < N_SHORTAGES; i++)
                if (shortages[i] == error)
                        return true;
        return false;
}

bool shortage_is_told(const char *text)
{
        for (size_t i = 0; i < N_SHORTAGES; i++)
                if (strstr(text, strerror(shortages[i])))
                        return true;
        // The kernel ends a process by SIGKILL for want of memory: the largest, which is not criu but what
        // it has restored by half.
        return strstr(text, "killed by signal 9") != NULL;
}
