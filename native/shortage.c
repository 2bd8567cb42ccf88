// Knows errors by number, and by the words that criu's log has for them. No I/O.
#include "shortage.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

static const int shortages[] = {ENOMEM, EAGAIN, ENOSPC, EMFILE, ENFILE, EFBIG, EROFS};
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
        // The largest process is ended for want of memory, which is not criu but what it has restored by
        // half. And criu keeps descriptors of its own below RLIMIT_NOFILE, above those of the processes.
        return strstr(text, "killed by signal 9") || strstr(text, "service_fd_base");
}

bool shortage_ends_by(int signal)
{
        // For want of memory, and for a file that was to become larger than RLIMIT_FSIZE.
        return signal == SIGKILL || signal == SIGXFSZ;
}
