// The control socket: a line in, a line out. The activator is at the other end.
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

enum { CONTROL_CLIENTS_MAX = 8, CONTROL_LINE_MAX = PATH_MAX + 64 };

struct control;

struct control_client {
        struct control *control;
        int fd;
        sd_event_source *source;
        size_t size;
        char line[CONTROL_LINE_MAX];
};

// Gets a request without its newline; answers now or later, once, by control_reply().
typedef void (*control_receiver)(void *context, struct control_client *client, char *line);

struct control {
        int fd;
        sd_event_source *source;
        control_receiver receive;
        void *context;
        struct control_client clients[CONTROL_CLIENTS_MAX];
};

// Listens on /run/grenadine/control/UNIT.sock, for root alone. Fill in `receive` and `context` before.
int control_open(struct control *control, sd_event *event, const char *unit);

// `reply` is one line, without its newline.
void control_reply(struct control_client *client, const char *reply);

void control_close(struct control *control, const char *unit);
