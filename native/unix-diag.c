// Speaks netlink to the kernel's sock_diag. Knows nothing of processes.
#include "unix-diag.h"

#include "cleanup.h"
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>

enum { MESSAGE_MAX = 32 * 1024 };

struct list {
        struct unix_socket *sockets;
        size_t n;
        size_t capacity;
};

static int request(int netlink)
{
        const struct {
                struct nlmsghdr header;
                struct unix_diag_req body;
        } all = {
            .header = {.nlmsg_len = sizeof(all),
                       .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
            .body = {.sdiag_family = AF_UNIX,
                     .udiag_states = UINT32_MAX,
                     .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER},
        };

        return send(netlink, &all, sizeof(all), 0) < 0 ? -errno : 0;
}

static void take_name(const struct rtattr *attribute, char ret[static UNIX_NAME_MAX + 1])
{
        size_t size = RTA_PAYLOAD(attribute);

        if (size > UNIX_NAME_MAX)
                size = UNIX_NAME_MAX;
        memcpy(ret, RTA_DATA(attribute), size);
        ret[size] = '\0';
        if (size > 0 && !*ret)
                *ret = '@';
}

static int add(struct list *list, const struct nlmsghdr *header)
{
        const struct unix_diag_msg *message = NLMSG_DATA(header);
        struct unix_socket socket = {.inode = message->udiag_ino, .type = message->udiag_type};
        int size = (int) (header->nlmsg_len - NLMSG_LENGTH(sizeof(*message)));

        for (const struct rtattr *attribute = (const struct rtattr *) (message + 1); RTA_OK(attribute, size);
             attribute = RTA_NEXT(attribute, size)) {
                if (attribute->rta_type == UNIX_DIAG_PEER)
                        memcpy(&socket.peer, RTA_DATA(attribute), sizeof(socket.peer));
                else if (attribute->rta_type == UNIX_DIAG_SHUTDOWN)
                        memcpy(&socket.shut, RTA_DATA(attribute), sizeof(socket.shut));
                else if (attribute->rta_type == UNIX_DIAG_NAME)
                        take_name(attribute, socket.name);
        }
        if (list->n == list->capacity) {
                size_t capacity = list->capacity > 0 ? 2 * list->capacity : 256;
                void *grown = reallocarray(list->sockets, capacity, sizeof(*list->sockets));
                if (!grown)
                        return -ENOMEM;
                list->sockets = grown;
                list->capacity = capacity;
        }
        list->sockets[list->n++] = socket;
        return 0;
}

// Returns 1 when there is more to come.
static int receive(int netlink, struct list *list)
{
        alignas(struct nlmsghdr) char buffer[MESSAGE_MAX];
        ssize_t size = recv(netlink, buffer, sizeof(buffer), 0);

        if (size < 0)
                return -errno;
        for (const struct nlmsghdr *header = (const struct nlmsghdr *) buffer; NLMSG_OK(header, size);
             header = NLMSG_NEXT(header, size)) {
                int r;
                if (header->nlmsg_type == NLMSG_DONE)
                        return 0;
                if (header->nlmsg_type == NLMSG_ERROR)
                        return ((const struct nlmsgerr *) NLMSG_DATA(header))->error;
                r = add(list, header);
                if (r < 0)
                        return r;
        }
        return 1;
}

int unix_diag_list(struct unix_socket **ret, size_t *ret_n)
{
        _cleanup_close_ int netlink = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
        struct list list = {0};
        int r;

        if (netlink < 0)
                return -errno;
        r = request(netlink);
        if (r == 0)
                do
                        r = receive(netlink, &list);
                while (r > 0);
        if (r < 0) {
                free(list.sockets);
                return r;
        }
        *ret = list.sockets;
        *ret_n = list.n;
        return 0;
}
