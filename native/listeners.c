// Takes, binds, adjusts and describes listening sockets. Decides nothing: plan and options say what is to
// be.
#include "listeners.h"

#include "cleanup.h"
#include "directory.h"
#include "paths.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

int listeners_take(struct listeners *ret)
{
        int n = sd_listen_fds(0);

        if (n < 0)
                return n;
        if (n > LISTENERS_MAX)
                return -E2BIG;
        if (close_range(LISTENERS_FIRST + (unsigned) n, ~0U, 0) < 0)
                return -errno;
        ret->n = (size_t) n;
        ret->names = n > 0 ? getenv("LISTEN_FDNAMES") : NULL;
        return 0;
}

static int bind_path(int fd, const struct options *options, size_t index)
{
        struct address address = {.un = {.sun_family = AF_UNIX}};
        char directory[PATH_MAX];
        int r;

        (void) snprintf(directory, sizeof(directory), SCRATCH_DIRECTORY "/%s", options->unit);
        r = directory_make(SCRATCH_DIRECTORY, 0700);
        if (r >= 0)
                r = directory_make(directory, 0700);
        if (r < 0)
                return r;
        if (snprintf(address.un.sun_path, sizeof(address.un.sun_path), SCRATCH_DIRECTORY "/%s/%zu.sock",
                     options->unit, index) >= (int) sizeof(address.un.sun_path))
                return -ENAMETOOLONG;
        (void) unlink(address.un.sun_path);
        return bind(fd, &address.any, sizeof(address.un)) < 0 ? -errno : 0;
}

static int bind_loopback(int fd, int family)
{
        struct address address = {0};
        socklen_t size = family == AF_INET6 ? sizeof(address.in6) : sizeof(address.in);

        if (family == AF_INET6)
                address.in6 =
                    (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
        else
                address.in =
                    (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        // As systemd does for every inet listener.
        if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) < 0)
                return -errno;
        return bind(fd, &address.any, size) < 0 ? -errno : 0;
}

static int bind_scratch(const struct options *options, size_t index, int family)
{
        _cleanup_close_ int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int r;

        if (fd < 0)
                return -errno;
        r = family == AF_UNIX ? bind_path(fd, options, index) : bind_loopback(fd, family);
        if (r < 0)
                return r;
        if (listen(fd, SOMAXCONN) < 0)
                return -errno;
        if (fd == LISTENERS_FIRST + (int) index) {
                (void) steal_fd(&fd);
                return 0;
        }
        return dup3(fd, LISTENERS_FIRST + (int) index, O_CLOEXEC) < 0 ? -errno : 0;
}

int listeners_bind_scratch(const struct options *options, struct listeners *ret)
{
        size_t length = 0;

        for (size_t i = 0; i < options->n_addresses; i++) {
                struct address address;
                int family, r = address_parse(options->addresses[i], &address);
                if (r < 0)
                        return r;
                family = address.any.sa_family;
                r = bind_scratch(options, i, family);
                // A host without IPv6: systemd binds a bare port to IPv4 there.
                if (family == AF_INET6 && (r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL))
                        r = bind_scratch(options, i, AF_INET);
                if (r < 0)
                        return r;
                // The name that systemd gives to a descriptor of NAME.socket.
                length += (size_t) snprintf(ret->scratch_names + length, sizeof(ret->scratch_names) - length,
                                            "%s%s.socket", i > 0 ? ":" : "", options->application);
        }
        memset(ret->backlogs, 0, sizeof(ret->backlogs));
        ret->n = options->n_addresses;
        ret->names = ret->n > 0 ? ret->scratch_names : NULL;
        return 0;
}

static int set_nonblock(int fd, bool nonblock)
{
        int flags = fcntl(fd, F_GETFL), wanted = nonblock ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;

        if (flags < 0)
                return -errno;
        // The flag lives in the open file description that systemd and the application share with us.
        return wanted != flags && fcntl(fd, F_SETFL, wanted) < 0 ? -errno : 0;
}

// The backlog at hand: what the kernel tells, or what an earlier plan has set.
static int read_backlog(int fd, int known)
{
        struct tcp_info info = {0};
        socklen_t size = sizeof(info);

        // Of a listening socket tcpi_sacked is the limit of its accept queue; UNIX sockets tell theirs
        // nobody here.
        if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_sacked > 0)
                return (int) info.tcpi_sacked;
        return known > 0 ? known : SOMAXCONN;
}

static int set_backlog(struct listeners *listeners, size_t index, int backlog)
{
        // listen(2) on a socket that listens already changes its backlog and nothing else.
        if (listen(LISTENERS_FIRST + (int) index, backlog) < 0)
                return -errno;
        listeners->backlogs[index] = backlog;
        return 0;
}

static int apply_backlog(struct listeners *listeners, const struct plan_listener *listener)
{
        int fd = LISTENERS_FIRST + (int) listener->index;

        listeners->saved_backlogs[listener->index] = read_backlog(fd, listeners->backlogs[listener->index]);
        return set_backlog(listeners, listener->index, listener->backlog);
}

// socket(7): the kernel doubles a buffer size that is set and tells the doubled value, under the plain name
// alone.
static int plain_buffer_name(const struct plan_option *option)
{
        if (option->level != SOL_SOCKET)
                return 0;
        if (option->name == SO_RCVBUF || option->name == SO_RCVBUFFORCE)
                return SO_RCVBUF;
        return option->name == SO_SNDBUF || option->name == SO_SNDBUFFORCE ? SO_SNDBUF : 0;
}

// Remembers what the option is now. One that cannot be read cannot be put back, and is set all the same.
static void save_option(struct listeners *listeners, const struct plan_option *option)
{
        struct plan_option saved = *option;
        int fd = LISTENERS_FIRST + (int) option->index, buffer_name = plain_buffer_name(option), bytes;
        socklen_t size = sizeof(saved.value);

        if (getsockopt(fd, option->level, buffer_name > 0 ? buffer_name : option->name, saved.value, &size) <
            0)
                return;
        saved.size = size;
        if (buffer_name > 0) {
                memcpy(&bytes, saved.value, sizeof(bytes));
                bytes /= 2;
                memcpy(saved.value, &bytes, sizeof(bytes));
        }
        listeners->saved[listeners->n_saved++] = saved;
}

static int apply_option(struct listeners *listeners, const struct plan_option *option)
{
        int fd = LISTENERS_FIRST + (int) option->index;

        save_option(listeners, option);
        if (setsockopt(fd, option->level, option->name, option->value, (socklen_t) option->size) < 0)
                return -errno;
        return 0;
}

static int apply_listener(struct listeners *listeners, const struct plan_listener *listener)
{
        int r = set_nonblock(LISTENERS_FIRST + (int) listener->index, listener->nonblock);

        if (r < 0)
                return r;
        return listener->has_backlog ? apply_backlog(listeners, listener) : 0;
}

int listeners_apply(struct listeners *listeners, const struct plan *plan)
{
        listeners->n_saved = 0;
        for (size_t i = 0; i < listeners->n; i++) {
                int flags = fcntl(LISTENERS_FIRST + (int) i, F_GETFL);
                listeners->saved_nonblock[i] = flags >= 0 && flags & O_NONBLOCK;
                listeners->saved_backlogs[i] = 0;
        }
        for (size_t i = 0; i < plan->restore.n_listeners; i++) {
                const struct plan_listener *listener = &plan->restore.listeners[i];
                int r = listener->index < listeners->n ? apply_listener(listeners, listener) : -ENXIO;
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < plan->n_options; i++) {
                int r = apply_option(listeners, &plan->options[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

void listeners_undo(struct listeners *listeners)
{
        for (; listeners->n_saved > 0; listeners->n_saved--) {
                const struct plan_option *saved = &listeners->saved[listeners->n_saved - 1];
                (void) setsockopt(LISTENERS_FIRST + (int) saved->index, saved->level, saved->name,
                                  saved->value, (socklen_t) saved->size);
        }
        for (size_t i = 0; i < listeners->n; i++) {
                (void) set_nonblock(LISTENERS_FIRST + (int) i, listeners->saved_nonblock[i]);
                if (listeners->saved_backlogs[i] > 0)
                        (void) set_backlog(listeners, i, listeners->saved_backlogs[i]);
                listeners->saved_backlogs[i] = 0;
        }
}

void listeners_reset(struct listeners *listeners)
{
        listeners_undo(listeners);
        for (size_t i = 0; i < listeners->n; i++)
                (void) set_nonblock(LISTENERS_FIRST + (int) i, false);
}

// What is bound to every address is reached at the loopback one.
static void aim(struct address *address)
{
        if (address->any.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&address->in6.sin6_addr))
                address->in6.sin6_addr = in6addr_loopback;
        else if (address->any.sa_family == AF_INET && address->in.sin_addr.s_addr == htonl(INADDR_ANY))
                address->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

static int bound_to(size_t index, struct address *ret)
{
        return address_of_socket(LISTENERS_FIRST + (int) index, ret);
}

// A scratch one stands for what systemd would have bound.
static int known_as(const struct options *options, size_t index, struct address *ret)
{
        return options->bake ? address_parse(options->addresses[index], ret) : bound_to(index, ret);
}

const char *listeners_path(const struct options *options, size_t index, struct address *ret)
{
        if (known_as(options, index, ret) < 0 || ret->any.sa_family != AF_UNIX ||
            ret->size <= offsetof(struct sockaddr_un, sun_path))
                return "";
        ret->un.sun_path[sizeof(ret->un.sun_path) - 1] = '\0';
        return ret->un.sun_path;
}

int listeners_find(const struct listeners *listeners, const struct options *options,
                   const struct address *wanted)
{
        enum address_match best = ADDRESS_OTHER;
        int found = -ENOENT;

        for (size_t i = 0; i < listeners->n; i++) {
                struct address address;
                // A scratch one stands for what systemd would have bound.
                int r =
                    options->bake ? address_parse(options->addresses[i], &address) : bound_to(i, &address);
                enum address_match match = r < 0 ? ADDRESS_OTHER : address_compare(&address, wanted);
                if (match > best) {
                        best = match;
                        found = (int) i;
                }
        }
        return found;
}

int listener_describe(size_t index, struct listener_description *ret)
{
        int fd = LISTENERS_FIRST + (int) index;
        struct address address;
        struct stat st;
        int r = bound_to(index, &address);

        if (r < 0)
                return r;
        if (fstat(fd, &st) < 0)
                return -errno;
        ret->inode = st.st_ino;
        aim(&address);
        address_format(&address, ret->address);
        return 0;
}
