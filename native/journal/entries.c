// grenadine-journal: writes entries with fields into the journal for the activator, as Node has no datagram
// sockets of the UNIX family. Reads entries from standard input, lines of FIELD=value that an empty line
// ends. Knows nothing of what they say, but that WATCHDOG=1 alone is a sign of life, which is systemd's:
// sd_notify(3).
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

enum { FIELDS_MAX = 16 };

struct entry {
        struct iovec fields[FIELDS_MAX];
        size_t n;
};

static bool is_sign_of_life(const struct entry *entry)
{
        return entry->n == 1 && strcmp(entry->fields[0].iov_base, "WATCHDOG=1") == 0;
}

static void finish(struct entry *entry)
{
        // What the journal does not take is lost, as a line on standard error would be.
        if (is_sign_of_life(entry))
                (void) sd_notify(0, "WATCHDOG=1");
        else if (entry->n > 0)
                (void) sd_journal_sendv(entry->fields, (int) entry->n);
        while (entry->n > 0)
                free(entry->fields[--entry->n].iov_base);
}

int main(void)
{
        struct entry entry = {0};
        char *line = NULL;
        size_t capacity = 0;
        ssize_t size;

        // A stop reaches the whole cgroup; the end of the activator, which may have more to say, is ours.
        (void) signal(SIGTERM, SIG_IGN);
        while ((size = getline(&line, &capacity, stdin)) > 0) {
                if (line[size - 1] == '\n')
                        line[--size] = '\0';
                if (size == 0) {
                        finish(&entry);
                } else if (entry.n < FIELDS_MAX && strchr(line, '=')) {
                        entry.fields[entry.n++] = (struct iovec){.iov_base = line, .iov_len = (size_t) size};
                        line = NULL;
                        capacity = 0;
                }
        }
        finish(&entry);
        free(line);
        return 0;
}
