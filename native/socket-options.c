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

struct known {
        int level;
        int name;
        const char *text;
        int set_name; // 0: the same. For a buffer's size, without the limit of what others may set
};

#define OPTION(level, name)                                                                                 \
        {                                                                                                   \
                level, name, #name, 0                                                                       \
        }
#define BUFFER(name)                                                                                        \
        {                                                                                                   \
                SOL_SOCKET, name, #name, name##FORCE                                                        \
        }

static const struct known known[] = {
    // Before SO_PRIORITY, which it changes: ip(7).
    OPTION(IPPROTO_IP, IP_TOS),
    OPTION(IPPROTO_IP, IP_TTL),
    OPTION(IPPROTO_IP, IP_MTU_DISCOVER),
    OPTION(IPPROTO_IPV6, IPV6_TCLASS),
    OPTION(IPPROTO_IPV6, IPV6_UNICAST_HOPS),
    OPTION(SOL_SOCKET, SO_KEEPALIVE),
    OPTION(SOL_SOCKET, SO_LINGER),
    OPTION(SOL_SOCKET, SO_OOBINLINE),
    OPTION(SOL_SOCKET, SO_DONTROUTE),
    OPTION(SOL_SOCKET, SO_PASSCRED),
    OPTION(SOL_SOCKET, SO_PASSSEC),
    OPTION(SOL_SOCKET, SO_PRIORITY),
    OPTION(SOL_SOCKET, SO_MARK),
    OPTION(SOL_SOCKET, SO_BINDTODEVICE),
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
    OPTION(IPPROTO_TCP, TCP_USER_TIMEOUT),
    OPTION(IPPROTO_TCP, TCP_LINGER2),
    OPTION(IPPROTO_TCP, TCP_SYNCNT),
    OPTION(IPPROTO_TCP, TCP_MAXSEG),
    OPTION(IPPROTO_TCP, TCP_NOTSENT_LOWAT),
    OPTION(IPPROTO_TCP, TCP_CONGESTION),
    OPTION(IPPROTO_TCP, TCP_DEFER_ACCEPT),
    OPTION(IPPROTO_TCP, TCP_FASTOPEN),
};

struct value {
        char bytes[64];
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

static int set_value(int socket, const struct known *option, struct value value)
{
        int bytes;

        if (option->set_name == 0)
                return setsockopt(socket, option->level, option->name, value.bytes, value.size);
        // socket(7): the kernel doubles what is set and tells the doubled value.
        memcpy(&bytes, value.bytes, sizeof(bytes));
        bytes /= 2;
        return setsockopt(socket, option->level, option->set_name, &bytes, sizeof(bytes));
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

void socket_options_carry(int from, int to, char ret_lost[static SOCKET_OPTIONS_TEXT_MAX])
{
        _cleanup_close_ int fresh = open_fresh(from);
        size_t length = 0;

        *ret_lost = '\0';
        for (size_t i = 0; fresh >= 0 && i < sizeof(known) / sizeof(known[0]); i++) {
                struct value own, usual;
                // Not every family has every option.
                if (!read_value(from, &known[i], &own) || !read_value(fresh, &known[i], &usual) ||
                    (own.size == usual.size && memcmp(own.bytes, usual.bytes, own.size) == 0))
                        continue;
                if (set_value(to, &known[i], own) < 0)
                        length += (size_t) snprintf(ret_lost + length, SOCKET_OPTIONS_TEXT_MAX - length,
                                                    "%s%s", length > 0 ? ", " : "", known[i].text);
        }
}

int socket_options_v6only(int socket)
{
        int only;

        return getsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &only, &(socklen_t){sizeof(only)}) < 0 ? -1
                                                                                                    : only;
}
