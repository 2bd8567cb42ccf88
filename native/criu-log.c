// Finds the errors in CRIU's logs.
#include "criu-log.h"

#include "cleanup.h"
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

// The text of a line like "(00.123456) Error (criu/files.c:123): text", or NULL.
static const char *error_in(const char *line)
{
        const char *error = strstr(line, "Error (");

        // criu tells that it could not raise its own limit, and goes on.
        return error && !strstr(error, "RLIMIT_NOFILE for self") ? error : NULL;
}

// criu says the same of each process that it gives up.
static bool is_told(const char *errors, const char *error)
{
        size_t length = strlen(error);

        for (const char *at = strstr(errors, error); at; at = strstr(at + 1, error))
                if ((at == errors || at[-1] == ' ') && (at[length] == '\0' || at[length] == ';'))
                        return true;
        return false;
}

// Has a text that was cut say so, and end with a whole character of UTF-8.
static void mark_cut(char *text, size_t size)
{
        static const char mark[] = "…";
        size_t end;

        if (size < sizeof(mark))
                return;
        end = size - sizeof(mark);
        while (end > 0 && ((unsigned char) text[end] & 0xc0) == 0x80)
                end--;
        memcpy(text + end, mark, sizeof(mark));
}

void criu_log_errors(const char *work, const char *log, char *ret, size_t size)
{
        _cleanup_close_ int fd = FD_NONE;
        char path[PATH_MAX], tail[8192];
        size_t length = 0;
        struct stat st;
        off_t from;
        ssize_t n;

        *ret = '\0';
        if (snprintf(path, sizeof(path), "%s/%s", work, log) >= (int) sizeof(path))
                return;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
        if (fd < 0 || fstat(fd, &st) < 0)
                return;
        from = st.st_size < (off_t) sizeof(tail) ? 0 : st.st_size - (off_t) sizeof(tail) + 1;
        n = pread(fd, tail, sizeof(tail) - 1, from);
        if (n <= 0)
                return;
        tail[n] = '\0';

        // The first is the cause, the others its echoes.
        for (char *line = tail, *end; *line && length < size; line = end) {
                end = line + strcspn(line, "\n");
                if (*end)
                        *end++ = '\0';
                const char *error = error_in(line);
                if (error && !is_told(ret, error))
                        length += (size_t) snprintf(ret + length, size - length, "%s%s",
                                                    length > 0 ? "; " : "", error);
        }
        if (length >= size)
                mark_cut(ret, size);
}
