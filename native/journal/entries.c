// grenadine-journal: writes entries with fields into the journal for the activator, as Node has no datagram
// sockets of the UNIX family. Reads entries from standard input, lines of FIELD=value that an empty line
// ends. Knows nothing of what they say.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

enum { FIELDS_MAX = 16 };

struct entry {
        struct iovec fields[FIELDS_MAX];
        size_t n;
};

static void finish(struct entry *entry)
{
        // What the journal does not take is lost, as a line on standard error would be.
        if (entry->n > 0)
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
