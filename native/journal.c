// Speaks sd-journal, the only file that does. Nothing waits for it: it is called after READY=1.
#include "journal.h"

#include "cleanup.h"
#include "message-ids.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

// Every pair of an outcome, each rung that failed, and what the line has besides.
enum { FIELDS_MAX = 20 + LADDER_MAX };

struct fields {
        struct iovec fields[FIELDS_MAX];
        size_t n;
};

static void fields_free(struct fields *fields)
{
        while (fields->n > 0)
                free(fields->fields[--fields->n].iov_base);
}

static int add(struct fields *fields, const char *name, const char *value)
{
        char *text;
        int size;

        if (fields->n == FIELDS_MAX)
                return -E2BIG;
        size = asprintf(&text, "%s=%s", name, value);
        if (size < 0)
                return -ENOMEM;
        fields->fields[fields->n++] = (struct iovec){.iov_base = text, .iov_len = (size_t) size};
        return 0;
}

// ready-us becomes GRENADINE_READY_US.
static int add_pair(void *context, const char *key, const char *value)
{
        static const char prefix[] = "GRENADINE_";
        char name[64];
        size_t n = sizeof(prefix) - 1;

        memcpy(name, prefix, n);
        for (; *key && n < sizeof(name) - 1; key++)
                name[n++] = *key == '-'                  ? '_'
                            : *key >= 'a' && *key <= 'z' ? (char) (*key - 'a' + 'A')
                                                         : *key;
        name[n] = '\0';
        return add(context, name, value);
}

// Standard error may have been put elsewhere. $JOURNAL_STREAM would say so, but EnvironmentFile= may say
// something else there: the kernel is asked. With LogNamespace= it is /run/systemd/journal.NAME/stdout.
static bool is_connected(void)
{
        static const char directory[] = "/run/systemd/journal", name[] = "/stdout";
        struct sockaddr_un peer = {0};
        socklen_t size = sizeof(peer) - 1;
        size_t length;

        if (getpeername(STDERR_FILENO, (struct sockaddr *) &peer, &size) < 0 || peer.sun_family != AF_UNIX)
                return false;
        length = strlen(peer.sun_path);
        return strncmp(peer.sun_path, directory, sizeof(directory) - 1) == 0 && length >= sizeof(name) &&
               strcmp(peer.sun_path + length - (sizeof(name) - 1), name) == 0;
}

static int add_head(struct fields *fields, const char *message_id, const char *priority,
                    const char *application, const char *line)
{
        int r = add(fields, "MESSAGE", line);

        if (r >= 0)
                r = add(fields, "MESSAGE_ID", message_id);
        if (r >= 0)
                r = add(fields, "PRIORITY", priority);
        if (r >= 0)
                r = add(fields, "SYSLOG_IDENTIFIER", application);
        return r < 0 ? r : add(fields, "GRENADINE_APPLICATION", application);
}

int journal_tell(const struct outcome *outcome, const char *application, const char *line)
{
        __attribute__((cleanup(fields_free))) struct fields fields = {0};
        int r;

        if (!is_connected())
                return -ENOTCONN;
        r = add_head(&fields, MESSAGE_STARTED, "6", application, line);
        if (r >= 0)
                r = outcome_visit(outcome, add_pair, &fields);
        return r < 0 ? r : sd_journal_sendv(fields.fields, (int) fields.n);
}

int journal_warn(const char *message_id, const char *application, const char *line, const char *snapshot,
                 const struct refusal *why)
{
        __attribute__((cleanup(fields_free))) struct fields fields = {0};
        int r;

        if (!is_connected())
                return -ENOTCONN;
        r = add_head(&fields, message_id, "4", application, line);
        if (r >= 0 && snapshot)
                r = add(&fields, "GRENADINE_SNAPSHOT", snapshot);
        if (r >= 0 && why->code)
                r = add(&fields, "GRENADINE_REASON", why->code);
        if (r >= 0)
                r = add(&fields, "GRENADINE_DETAIL", why->detail);
        return r < 0 ? r : sd_journal_sendv(fields.fields, (int) fields.n);
}
