// Carries options from one socket to another. SO_REUSEADDR, SO_REUSEPORT and whatever else matters to
// bind(2) alone are left to systemd, which has bound the other one.
#include "socket-options.h"

#include "cleanup.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

// SO_BUF_LOCK of socket(7), which not every C library has yet; one number on all that we build for.
#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72
#endif
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

struct known {
        int level;
        int name;
        const char *text;
        int set_name;     // 0: the same. For a buffer's size, without the limit of what others may set
        bool is_recorded; // by CRIU (sk_opts_entry and so on of its images), or need not be
        bool is_local;    // means something, or is allowed, in its own network namespace alone
};

#define OPTION(level, name)                                                                                 \
        {                                                                                                   \
                level, name, #name, 0, true, false                                                          \
        }
#define UNRECORDED(level, name)                                                                             \
        {                                                                                                   \
                level, name, #name, 0, false, false                                                         \
        }
#define BUFFER(name)                                                                                        \
        {                                                                                                   \
                SOL_SOCKET, name, #name, name##FORCE, true, false                                           \
        }
// socket(7), tcp(7): some or all values need CAP_NET_ADMIN, and the kernel asks whether somebody has it in
// the namespace of the socket. We have it in each.
#define LOCAL(level, name, is_recorded)                                                                     \
        {                                                                                                   \
                level, name, #name, 0, is_recorded, true                                                    \
        }

static const struct known known[] = {
    // Before SO_PRIORITY, which it changes: ip(7).
    OPTION(IPPROTO_IP, IP_TOS),
    OPTION(IPPROTO_IP, IP_TTL),
    UNRECORDED(IPPROTO_IP, IP_MTU_DISCOVER),
    UNRECORDED(IPPROTO_IPV6, IPV6_TCLASS),
    UNRECORDED(IPPROTO_IPV6, IPV6_UNICAST_HOPS),
    OPTION(SOL_SOCKET, SO_KEEPALIVE),
    OPTION(SOL_SOCKET, SO_LINGER),
    OPTION(SOL_SOCKET, SO_OOBINLINE),
    OPTION(SOL_SOCKET, SO_DONTROUTE),
    OPTION(SOL_SOCKET, SO_PASSCRED),
    OPTION(SOL_SOCKET, SO_PASSSEC),
    LOCAL(SOL_SOCKET, SO_PRIORITY, true),
    LOCAL(SOL_SOCKET, SO_MARK, true),
    LOCAL(SOL_SOCKET, SO_BINDTODEVICE, true),
    BUFFER(SO_RCVBUF),
    BUFFER(SO_SNDBUF),
    // Which of both it has set by itself.
    OPTION(SOL_SOCKET, SO_BUF_LOCK),
    OPTION(SOL_SOCKET, SO_RCVLOWAT),
    OPTION(SOL_SOCKET, SO_RCVTIMEO),
    OPTION(SOL_SOCKET, SO_SNDTIMEO),
    OPTION(IPPROTO_TCP, TCP_NODELAY),
    OPTION(IPPROTO_TCP, TCP_CORK),
    OPTION(IPPROTO_TCP, TCP_KEEPIDLE),
    OPTION(IPPROTO_TCP, TCP_KEEPINTVL),
    OPTION(IPPROTO_TCP, TCP_KEEPCNT),
    UNRECORDED(IPPROTO_TCP, TCP_USER_TIMEOUT),
    UNRECORDED(IPPROTO_TCP, TCP_LINGER2),
    UNRECORDED(IPPROTO_TCP, TCP_SYNCNT),
    // For no plan: a socket without one tells a number that it would be wrong to put back.
    OPTION(IPPROTO_TCP, TCP_MAXSEG),
    UNRECORDED(IPPROTO_TCP, TCP_NOTSENT_LOWAT),
    LOCAL(IPPROTO_TCP, TCP_CONGESTION, false),
    UNRECORDED(IPPROTO_TCP, TCP_DEFER_ACCEPT),
    UNRECORDED(IPPROTO_TCP, TCP_FASTOPEN),
};

enum { N_KNOWN = sizeof(known) / sizeof(known[0]) };

struct value {
        char bytes[OPTION_VALUE_MAX];
        socklen_t size;
};

static bool read_value(int socket, const struct known *option, struct value *ret)
{
        struct value value = {.size = sizeof(value.bytes)};

        if (getsockopt(socket, option->level, option->name, value.bytes, &value.size) < 0)
                return false;
        *ret = value;
        return true;
}

static int set_value(int socket, const struct known *option, struct value value, bool is_same_network)
{
        int bytes;

        if (option->is_local && !is_same_network)
                return -1;
        if (option->set_name == 0)
                return setsockopt(socket, option->level, option->name, value.bytes, value.size);
        // socket(7): the kernel doubles what is set and tells the doubled value.
        memcpy(&bytes, value.bytes, sizeof(bytes));
        bytes /= 2;
        // The limit is passed over where it may have been: that takes CAP_NET_ADMIN, too.
        return setsockopt(socket, option->level, is_same_network ? option->set_name : option->name, &bytes,
                          sizeof(bytes));
}

bool socket_options_same_network(int one, int other)
{
        uint64_t networks[2];

        return getsockopt(one, SOL_SOCKET, SO_NETNS_COOKIE, &networks[0],
                          &(socklen_t){sizeof(networks[0])}) == 0 &&
               getsockopt(other, SOL_SOCKET, SO_NETNS_COOKIE, &networks[1],
                          &(socklen_t){sizeof(networks[1])}) == 0 &&
               networks[0] == networks[1];
}

// A socket of the same sort on which nobody has set anything: what is usual is the host's to say.
static int open_fresh(int like)
{
        int domain, type, protocol;

        if (getsockopt(like, SOL_SOCKET, SO_DOMAIN, &domain, &(socklen_t){sizeof(domain)}) < 0 ||
            getsockopt(like, SOL_SOCKET, SO_TYPE, &type, &(socklen_t){sizeof(type)}) < 0 ||
            getsockopt(like, SOL_SOCKET, SO_PROTOCOL, &protocol, &(socklen_t){sizeof(protocol)}) < 0)
                return -errno;
        return socket(domain, type | SOCK_CLOEXEC, protocol);
}

// Has it been set on `socket`? Not every family has every option.
static bool read_changed(int socket, int fresh, const struct known *option, struct value *ret)
{
        struct value usual;

        return read_value(socket, option, ret) && read_value(fresh, option, &usual) &&
               (ret->size != usual.size || memcmp(ret->bytes, usual.bytes, ret->size) != 0);
}

void socket_options_carry(int from, int to, char ret_lost[static SOCKET_OPTIONS_TEXT_MAX])
{
        _cleanup_close_ int fresh = open_fresh(from);
        bool is_same_network = socket_options_same_network(from, to);
        size_t length = 0;

        *ret_lost = '\0';
        for (size_t i = 0; fresh >= 0 && i < N_KNOWN; i++) {
                struct value own;
                if (read_changed(from, fresh, &known[i], &own) &&
                    set_value(to, &known[i], own, is_same_network) < 0)
                        length += (size_t) snprintf(ret_lost + length, SOCKET_OPTIONS_TEXT_MAX - length,
                                                    "%s%s", length > 0 ? ", " : "", known[i].text);
        }
}

size_t socket_options_unrecorded(int socket, struct plan_option ret[static UNRECORDED_OPTIONS_MAX])
{
        _cleanup_close_ int fresh = open_fresh(socket);
        size_t n = 0;

        for (size_t i = 0; fresh >= 0 && n < UNRECORDED_OPTIONS_MAX && i < N_KNOWN; i++) {
                struct value own;
                if (known[i].is_recorded || !read_changed(socket, fresh, &known[i], &own))
                        continue;
                ret[n] =
                    (struct plan_option){.level = known[i].level, .name = known[i].name, .size = own.size};
                memcpy(ret[n++].value, own.bytes, own.size);
        }
        return n;
}

int socket_options_v6only(int socket)
{
        int only;

        return getsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &only, &(socklen_t){sizeof(only)}) < 0 ? -1
                                                                                                    : only;
}
