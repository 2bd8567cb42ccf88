// Writes, reads and compares addresses of sockets.
#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void format_inet6(const struct sockaddr_in6 *in6, char *ret)
{
        char text[INET6_ADDRSTRLEN];

        if (inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text)))
                (void) snprintf(ret, ADDRESS_TEXT_MAX, "[%s]:%u", text, ntohs(in6->sin6_port));
}

static void format_inet(const struct sockaddr_in *in, char *ret)
{
        char text[INET_ADDRSTRLEN];

        if (inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text)))
                (void) snprintf(ret, ADDRESS_TEXT_MAX, "%s:%u", text, ntohs(in->sin_port));
}

static void format_unix(const struct sockaddr_un *un, size_t size, char *ret)
{
        bool abstract = un->sun_path[0] == '\0';
        size_t length = 0;

        size = abstract ? size : strnlen(un->sun_path, size);
        if (size == 0)
                return;
        for (size_t i = 0; i < size; i++) {
                unsigned char c = abstract && i == 0 ? '@' : (unsigned char) un->sun_path[i];
                bool plain = c > ' ' && c < 0x7f && c != '%' && c != ',';
                length +=
                    (size_t) snprintf(ret + length, ADDRESS_TEXT_MAX - length, plain ? "%c" : "%%%02x", c);
        }
}

void address_format(const struct address *address, char ret[static ADDRESS_TEXT_MAX])
{
        (void) snprintf(ret, ADDRESS_TEXT_MAX, "-");
        if (address->any.sa_family == AF_INET6)
                format_inet6(&address->in6, ret);
        else if (address->any.sa_family == AF_INET)
                format_inet(&address->in, ret);
        else if (address->any.sa_family == AF_UNIX && address->size > offsetof(struct sockaddr_un, sun_path))
                format_unix(&address->un, address->size - offsetof(struct sockaddr_un, sun_path), ret);
}

int address_of_socket(int socket, struct address *ret)
{
        struct address address = {.size = sizeof(address.un)};

        if (getsockname(socket, &address.any, &address.size) < 0)
                return -errno;
        // unix(7): a name that fills the structure has its final zero behind it, and the size says so.
        if (address.size > sizeof(address.un))
                address.size = sizeof(address.un);
        *ret = address;
        return 0;
}

static int parse_port(const char *text, in_port_t *ret)
{
        char *end;
        unsigned long port;

        errno = 0;
        port = strtoul(text, &end, 10);
        if (errno != 0 || end == text || *end || port == 0 || port > 65535)
                return -EINVAL;
        *ret = htons((in_port_t) port);
        return 0;
}

static int parse_unix(const char *text, struct address *ret)
{
        size_t length = strlen(text);

        if (length >= sizeof(ret->un.sun_path))
                return -EINVAL;
        ret->un.sun_family = AF_UNIX;
        memcpy(ret->un.sun_path, text, length);
        // An abstract name ends where the address ends.
        if (*text == '@')
                ret->un.sun_path[0] = '\0';
        ret->size = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + length + (*text == '/'));
        return 0;
}

static int parse_inet(const char *host, size_t length, int family, struct address *ret)
{
        char text[INET6_ADDRSTRLEN];
        void *address = family == AF_INET6 ? (void *) &ret->in6.sin6_addr : (void *) &ret->in.sin_addr;

        if (length >= sizeof(text))
                return -EINVAL;
        memcpy(text, host, length);
        text[length] = '\0';
        ret->any.sa_family = (sa_family_t) family;
        ret->size = family == AF_INET6 ? sizeof(ret->in6) : sizeof(ret->in);
        return inet_pton(family, text, address) == 1 ? 0 : -EINVAL;
}

int address_parse(const char *text, struct address *ret)
{
        const char *colon = strrchr(text, ':'), *port = colon ? colon + 1 : text;
        struct address address = {0};
        int r;

        if (*text == '/' || *text == '@') {
                r = parse_unix(text, &address);
        } else if (!colon) {
                address.in6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT};
                address.size = sizeof(address.in6);
                r = parse_port(port, &address.in6.sin6_port);
        } else if (*text == '[') {
                r = colon[-1] == ']' ? parse_inet(text + 1, (size_t) (colon - text) - 2, AF_INET6, &address)
                                     : -EINVAL;
                if (r >= 0)
                        r = parse_port(port, &address.in6.sin6_port);
        } else {
                r = parse_inet(text, (size_t) (colon - text), AF_INET, &address);
                if (r >= 0)
                        r = parse_port(port, &address.in.sin_port);
        }
        if (r >= 0)
                *ret = address;
        return r;
}

// An address of either family as one of IPv6.
static struct in6_addr host_of(const struct address *address)
{
        struct in6_addr mapped = {.s6_addr = {[10] = 0xff, [11] = 0xff}};

        if (address->any.sa_family == AF_INET6)
                return address->in6.sin6_addr;
        memcpy(&mapped.s6_addr[12], &address->in.sin_addr, sizeof(address->in.sin_addr));
        return mapped;
}

static bool is_every_host(const struct in6_addr *host)
{
        return IN6_IS_ADDR_UNSPECIFIED(host) || (IN6_IS_ADDR_V4MAPPED(host) && host->s6_addr32[3] == 0);
}

bool address_is_inet(const struct address *address)
{
        return (address->any.sa_family == AF_INET && address->size >= sizeof(address->in)) ||
               (address->any.sa_family == AF_INET6 && address->size >= sizeof(address->in6));
}

// A name in the file system may or may not bring its final zero along.
static size_t name_length(const struct address *address)
{
        size_t size = address->size - offsetof(struct sockaddr_un, sun_path);

        return size > 0 && address->un.sun_path[0] ? strnlen(address->un.sun_path, size) : size;
}

static bool is_same_name(const struct address *one, const struct address *other)
{
        size_t length;

        if (one->size < offsetof(struct sockaddr_un, sun_path) ||
            other->size < offsetof(struct sockaddr_un, sun_path))
                return false;
        length = name_length(one);
        return length > 0 && length == name_length(other) &&
               memcmp(one->un.sun_path, other->un.sun_path, length) == 0;
}

enum address_match address_compare(const struct address *one, const struct address *other)
{
        struct in6_addr host, other_host;

        if (one->any.sa_family == AF_UNIX && other->any.sa_family == AF_UNIX)
                return is_same_name(one, other) ? ADDRESS_SAME : ADDRESS_OTHER;
        // The port has the same place in both families.
        if (!address_is_inet(one) || !address_is_inet(other) || one->in.sin_port != other->in.sin_port)
                return ADDRESS_OTHER;
        host = host_of(one);
        other_host = host_of(other);
        if (IN6_ARE_ADDR_EQUAL(&host, &other_host))
                return ADDRESS_SAME;
        return is_every_host(&host) || is_every_host(&other_host) ? ADDRESS_PORT : ADDRESS_OTHER;
}
