// Writes replies.
#include "reply.h"

#include "bounds.h"
#include "clock.h"
#include <inttypes.h>
#include <stdio.h>

void reply_error(struct control_client *client, const char *code, const char *text)
{
        char line[DETAIL_MAX + 64];

        (void) snprintf(line, sizeof(line), "error %s %s", code, text);
        control_reply(client, line);
}

void reply_ms(struct control_client *client, uint64_t started_us)
{
        char line[48];

        (void) snprintf(line, sizeof(line), "ok ms=%" PRIu64, (monotonic_us() - started_us + 500) / 1000);
        control_reply(client, line);
}
