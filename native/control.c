// Carries lines over a UNIX socket. Knows nothing of what they say.
#include "control.h"

#include "cleanup.h"
#include "directory.h"
#include "paths.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>

static void drop(struct control_client *client)
{
        client->source = sd_event_source_disable_unref(client->source);
        close_at_scope_end(&client->fd);
        client->size = 0;
}

static int on_request(sd_event_source *, int fd, uint32_t, void *userdata)
{
        struct control_client *client = userdata;
        ssize_t n = recv(fd, client->line + client->size, sizeof(client->line) - client->size, MSG_DONTWAIT);
        char *end;

        if (n < 0 && errno == EAGAIN)
                return 0;
        if (n <= 0) {
                drop(client);
                return 0;
        }
        client->size += (size_t) n;
        end = memchr(client->line, '\n', client->size);
        if (!end) {
                if (client->size == sizeof(client->line))
                        drop(client);
                return 0;
        }
        // One request at a time: what a client sends before its answer is not read, beyond this line it is
        // dropped.
        *end = '\0';
        client->size = 0;
        (void) sd_event_source_set_enabled(client->source, SD_EVENT_OFF);
        client->control->receive(client->control->context, client, client->line);
        return 0;
}

static int on_connection(sd_event_source *source, int fd, uint32_t, void *userdata)
{
        struct control *control = userdata;
        _cleanup_close_ int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        for (size_t i = 0; connection >= 0 && i < CONTROL_CLIENTS_MAX; i++) {
                struct control_client *client = &control->clients[i];
                if (client->fd >= 0)
                        continue;
                client->control = control;
                client->size = 0;
                if (sd_event_add_io(sd_event_source_get_event(source), &client->source, connection, EPOLLIN,
                                    on_request, client) >= 0)
                        client->fd = steal_fd(&connection);
                return 0;
        }
        return 0;
}

static int address_of(const char *unit, struct sockaddr_un *ret)
{
        *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
        if (snprintf(ret->sun_path, sizeof(ret->sun_path), CONTROL_DIRECTORY "/%s.sock", unit) >=
            (int) sizeof(ret->sun_path))
                return -ENAMETOOLONG;
        return 0;
}

int control_open(struct control *control, sd_event *event, const char *unit)
{
        _cleanup_close_ int fd = FD_NONE;
        struct sockaddr_un address;
        int r;

        for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
                control->clients[i].fd = FD_NONE;
        control->fd = FD_NONE;
        r = address_of(unit, &address);
        if (r >= 0)
                r = directory_make(CONTROL_DIRECTORY, 0700);
        if (r < 0)
                return r;
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        // Of an earlier run; systemd sees to it that there is one main process for a unit.
        (void) unlink(address.sun_path);
        // bind(2) gives the file the mode of the socket: it is never open to others, not even for a moment.
        if (fchmod(fd, 0600) < 0 || bind(fd, (struct sockaddr *) &address, sizeof(address)) < 0 ||
            listen(fd, CONTROL_CLIENTS_MAX) < 0)
                return -errno;
        r = sd_event_add_io(event, &control->source, fd, EPOLLIN, on_connection, control);
        if (r < 0)
                return r;
        control->fd = steal_fd(&fd);
        return 0;
}

void control_reply(struct control_client *client, const char *reply)
{
        struct iovec parts[] = {{(char *) reply, strlen(reply)}, {(char[]){'\n'}, 1}};
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

        // A reply fits the socket's buffer, or the client does not read: then it gets none.
        (void) sendmsg(client->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        (void) sd_event_source_set_enabled(client->source, SD_EVENT_ON);
}

void control_close(struct control *control, const char *unit)
{
        struct sockaddr_un address;

        if (control->fd < 0)
                return;
        for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
                drop(&control->clients[i]);
        control->source = sd_event_source_disable_unref(control->source);
        close_at_scope_end(&control->fd);
        if (address_of(unit, &address) >= 0)
                (void) unlink(address.sun_path);
}
