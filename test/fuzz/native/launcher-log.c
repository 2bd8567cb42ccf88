// What criu logged, which quotes the names of files: it becomes one line that D-Bus takes and no terminal
// obeys.
#include "../../../native/criu-log.h"
#include "../../../native/refusal.h"

#include <fcntl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
        if (!holds)
                abort();
}

// The C library's word on it, not ours.
static void must_be_visible(const char *text)
{
        mbstate_t state = {0};
        const char *end = text + strlen(text);

        must(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
        while (text < end) {
                wchar_t character;
                size_t n = mbrtowc(&character, text, (size_t) (end - text), &state);
                must(n != (size_t) -1 && n != (size_t) -2 && n > 0);
                // Unicode has line and paragraph separators, which glibc calls control characters.
                must(!iswcntrl((wint_t) character) || character == 0x2028 || character == 0x2029);
                text += n;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct refusal refusal;
        char name[32], path[64], said[DETAIL_MAX], text[2 * DETAIL_MAX];
        size_t length = size < sizeof(text) - 1 ? size : sizeof(text) - 1;
        int log;

        (void) snprintf(name, sizeof(name), "grenadine-fuzz-%d", (int) getpid());
        (void) snprintf(path, sizeof(path), "/dev/shm/%s", name);
        log = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
        must(log >= 0 && write(log, data, size) == (ssize_t) size && close(log) == 0);
        criu_log_errors("/dev/shm", name, said, sizeof(said));
        must(unlink(path) == 0 && strnlen(said, sizeof(said)) < sizeof(said));
        (void) refuse(&refusal, -1, "restore-failed", "%s", said);
        must_be_visible(refusal.detail);
        // The same of any text at all.
        memcpy(text, data, length);
        text[length] = '\0';
        (void) refuse(&refusal, -1, "restore-failed", "%s", text);
        must_be_visible(refusal.detail);
        return 0;
}
