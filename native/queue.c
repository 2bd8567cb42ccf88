// Speaks netlink to the kernel's sock_diag, of listeners alone. Knows nothing of who should have accepted.
#include "queue.h"

#include "cleanup.h"
#include "clock.h"
#include "unix-diag.h"
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <linux/unix_diag.h>
#include <poll.h>
#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum {
        MESSAGE_MAX = 32 * 1024,
        // TCP_ESTABLISHED and TCP_CLOSE_WAIT of the kernel: a client may have closed its half already.
        STATES = 1 << 1 | 1 << 8,
};

// Looks at one socket that the kernel told of; returns true when it has seen enough.
typedef bool (*look)(const struct nlmsghdr *header, void *context);

// Calls `see` for each socket of an answer until that has seen enough, which is what it returns.
static bool ask(const void *request, size_t size, look see, void *context)
{
        _cleanup_close_ int netlink = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

        if (netlink < 0 || send(netlink, request, size, 0) < 0)
                return false;
        for (;;) {
                alignas(struct nlmsghdr) char buffer[MESSAGE_MAX];
                // The kernel answers a request within its send(2).
                ssize_t left = recv(netlink, buffer, sizeof(buffer), MSG_DONTWAIT);
                if (left < 0)
                        return false;
                for (const struct nlmsghdr *header = (const struct nlmsghdr *) buffer;
                     NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
                        if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY)
                                return false;
                        if (see(header, context))
                                return true;
                }
        }
}

static const struct rtattr *find(const struct nlmsghdr *header, size_t head, unsigned short type)
{
        const struct rtattr *attribute =
            (const struct rtattr *) ((const char *) NLMSG_DATA(header) + NLMSG_ALIGN(head));
        int size = (int) (header->nlmsg_len - NLMSG_LENGTH(head));

        for (; RTA_OK(attribute, size); attribute = RTA_NEXT(attribute, size))
                if (attribute->rta_type == type)
                        return attribute;
        return NULL;
}

static bool see_first_client(const struct nlmsghdr *header, void *context)
{
        const struct rtattr *clients = find(header, sizeof(struct unix_diag_msg), UNIX_DIAG_ICONS);

        if (clients && RTA_PAYLOAD(clients) >= sizeof(uint32_t))
                memcpy(context, RTA_DATA(clients), sizeof(uint32_t));
        return true;
}

// 0 where there is none, or where it has gone again.
static uint32_t first_unix_client(int fd)
{
        struct {
                struct nlmsghdr header;
                struct unix_diag_req body;
        } one = {
            .header = {.nlmsg_len = sizeof(one),
                       .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                       .nlmsg_flags = NLM_F_REQUEST},
            .body = {.sdiag_family = AF_UNIX,
                     .udiag_states = UINT32_MAX,
                     .udiag_show = UDIAG_SHOW_ICONS,
                     .udiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}},
        };
        uint32_t first = 0;
        struct stat st;

        if (fstat(fd, &st) < 0)
                return 0;
        one.body.udiag_ino = (uint32_t) st.st_ino;
        (void) ask(&one, sizeof(one), see_first_client, &first);
        return first;
}

struct search {
        const struct address *listener;
        uint64_t older_than_us;
        uint32_t waiting;  // since then
        uint32_t accepted; // and held by somebody now
};

// Of another listener on the same port, with an address of its own, it is not for us to judge.
static bool is_of(const struct address *listener, const struct inet_diag_sockid *id)
{
        if (listener->any.sa_family == AF_INET)
                return listener->in.sin_addr.s_addr == 0 || listener->in.sin_addr.s_addr == id->idiag_src[0];
        return IN6_IS_ADDR_UNSPECIFIED(&listener->in6.sin6_addr) ||
               memcmp(&listener->in6.sin6_addr, id->idiag_src, sizeof(id->idiag_src)) == 0;
}

static bool count_client(const struct nlmsghdr *header, void *context)
{
        const struct inet_diag_msg *message = NLMSG_DATA(header);
        const struct rtattr *attribute = find(header, sizeof(*message), INET_DIAG_INFO);
        struct search *search = context;
        struct tcp_info info;

        if (!is_of(search->listener, &message->id))
                return false;
        // A connection has an inode once it is accepted, and the kernel tells in ms when it heard of it
        // last.
        if (message->idiag_inode != 0)
                search->accepted++;
        if (message->idiag_inode != 0 || !attribute || RTA_PAYLOAD(attribute) < sizeof(uint64_t))
                return false;
        info = (struct tcp_info){0};
        memcpy(&info, RTA_DATA(attribute),
               RTA_PAYLOAD(attribute) < sizeof(info) ? RTA_PAYLOAD(attribute) : sizeof(info));
        if ((uint64_t) info.tcpi_last_data_recv * 1000 > search->older_than_us)
                search->waiting++;
        return false;
}

static void count_clients(struct search *search)
{
        const struct address *listener = search->listener;
        struct {
                struct nlmsghdr header;
                struct inet_diag_req_v2 body;
        } all = {
            .header = {.nlmsg_len = sizeof(all),
                       .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
            .body = {.sdiag_family = (uint8_t) listener->any.sa_family,
                     .sdiag_protocol = IPPROTO_TCP,
                     .idiag_ext = 1 << (INET_DIAG_INFO - 1),
                     .idiag_states = STATES},
        };

        // The port lies at the same place in both.
        all.body.id.idiag_sport = listener->in.sin_port;
        (void) ask(&all, sizeof(all), count_client, search);
}

// What is accepted has the name of its listener, and the kernel does not list what is not accepted yet.
static bool has_accepted_unix(int fd)
{
        _cleanup_free_ struct unix_socket *sockets = NULL;
        const char *name = "";
        size_t n = 0;
        struct stat st;

        if (fstat(fd, &st) < 0 || unix_diag_list(&sockets, &n) < 0)
                return false;
        for (size_t i = 0; i < n; i++)
                if (sockets[i].inode == st.st_ino)
                        name = sockets[i].name;
        for (size_t i = 0; *name && i < n; i++)
                if (sockets[i].inode != st.st_ino && strcmp(sockets[i].name, name) == 0)
                        return true;
        return false;
}

static bool is_readable(int fd)
{
        struct pollfd asked = {.fd = fd, .events = POLLIN};

        return poll(&asked, 1, 0) > 0;
}

void queue_remember(const struct listeners *listeners, struct queue *ret)
{
        *ret = (struct queue){.at_us = monotonic_us()};
        for (size_t i = 0; i < listeners->n; i++) {
                int fd = LISTENERS_FIRST + (int) i;
                struct tcp_info info = {0};
                socklen_t size = sizeof(info);
                if (!is_readable(fd))
                        continue;
                // Of a listening socket tcpi_unacked is the length of its accept queue.
                if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0) {
                        ret->waiting[i] = info.tcpi_unacked;
                        continue;
                }
                ret->first[i] = first_unix_client(fd);
                ret->waiting[i] = ret->first[i] != 0;
        }
}

static bool stands_still(size_t index, const struct queue *then)
{
        int fd = LISTENERS_FIRST + (int) index;
        struct address address;
        struct search search = {.listener = &address};

        // Most often there is nobody any more, and nothing else to ask.
        if (!is_readable(fd) || address_of_socket(fd, &address) < 0)
                return false;
        if (address.any.sa_family == AF_UNIX)
                return first_unix_client(fd) == then->first[index];
        search.older_than_us = monotonic_us() - then->at_us;
        count_clients(&search);
        return search.waiting >= then->waiting[index];
}

// Where nobody waited then: does somebody hold a connection of it? One that is closed again has left
// nothing.
static bool has_accepted(size_t index)
{
        int fd = LISTENERS_FIRST + (int) index;
        struct address address;
        struct search search = {.listener = &address, .older_than_us = UINT64_MAX};

        if (address_of_socket(fd, &address) < 0)
                return false;
        if (address.any.sa_family == AF_UNIX)
                return has_accepted_unix(fd);
        count_clients(&search);
        return search.accepted > 0;
}

bool queue_stands_still(const struct listeners *listeners, const struct queue *then)
{
        bool somebody = false;

        // Who works for one of them is at work.
        for (size_t i = 0; i < listeners->n; i++) {
                if (then->waiting[i] == 0)
                        continue;
                if (!stands_still(i, then))
                        return false;
                somebody = true;
        }
        for (size_t i = 0; somebody && i < listeners->n; i++)
                if (then->waiting[i] == 0 && has_accepted(i))
                        return false;
        return somebody;
}
