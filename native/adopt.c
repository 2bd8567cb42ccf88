// Answers bind(2). Where the address is one that systemd listens on, the application's socket is replaced by
// systemd's, which is bound already; everything else is the kernel's to answer.
#include "adopt.h"

#include "address.h"
#include "capabilities.h"
#include "cleanup.h"
#include "exit-status.h"
#include "filter.h"
#include "shelter.h"
#include "transfer.h"
#include <linux/capability.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-daemon.h>

enum filter_questions adopt_questions(const struct listeners *listeners, const struct options *options)
{
        if (!options->adopt)
                return QUESTIONS_NONE;
        for (size_t i = 0; i < listeners->n; i++)
                if (*listeners_path(options, i, (struct address[1]){0}))
                        return QUESTIONS_BIND_AND_UNLINK;
        return QUESTIONS_BIND;
}

int adopt_hand_over(int init, int questions)
{
        union {
                struct cmsghdr head;
                char bytes[CMSG_SPACE(sizeof(int))];
        } control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
        struct iovec nothing = {(char[]){0}, 1};
        struct msghdr message = {
            .msg_iov = &nothing,
            .msg_iovlen = 1,
            .msg_control = &control,
            .msg_controllen = sizeof(control),
        };

        memcpy(CMSG_DATA(&control.head), &questions, sizeof(questions));
        return sendmsg(init, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

ssize_t adopt_receive(int child, void *message, size_t size, int *ret_questions)
{
        union {
                struct cmsghdr head;
                char bytes[CMSG_SPACE(sizeof(int))];
        } control = {0};
        struct iovec bytes = {message, size};
        struct msghdr received = {
            .msg_iov = &bytes,
            .msg_iovlen = 1,
            .msg_control = &control,
            .msg_controllen = sizeof(control),
        };
        ssize_t n = recvmsg(child, &received, MSG_CMSG_CLOEXEC);
        const struct cmsghdr *head = CMSG_FIRSTHDR(&received);

        *ret_questions = FD_NONE;
        if (n < 0)
                return -errno;
        if (head && head->cmsg_type == SCM_RIGHTS)
                memcpy(ret_questions, CMSG_DATA(head), sizeof(*ret_questions));
        return n;
}

static int read_address(const struct question *asked, struct address *ret)
{
        struct address address = {.size = (socklen_t) asked->size};
        struct iovec here = {.iov_base = &address.un, .iov_len = asked->size};
        struct iovec there = {.iov_base = (void *) asked->address, .iov_len = asked->size};

        if (asked->size < sizeof(sa_family_t) || asked->size > sizeof(address.un))
                return -EINVAL;
        if (process_vm_readv(asked->thread, &here, 1, &there, 1, 0) != (ssize_t) asked->size)
                return -EFAULT;
        *ret = address;
        return 0;
}

// With IPv6 sockets a program sees addresses of another shape than it expects, and some do not look.
static void tell_of_families(const struct address *wanted, const struct address *held)
{
        char wanted_text[ADDRESS_TEXT_MAX], held_text[ADDRESS_TEXT_MAX];

        if (held->any.sa_family == wanted->any.sa_family)
                return;
        address_format(wanted, wanted_text);
        address_format(held, held_text);
        (void) fprintf(stderr,
                       SD_NOTICE "The application binds %s and gets %s. "
                                 "For %s addresses as it expects them: ListenStream=%s\n",
                       wanted_text, held_text, wanted->any.sa_family == AF_INET ? "IPv4" : "IPv6",
                       wanted_text);
}

// ipv6(7): once a socket is bound it cannot be changed. It says nothing of a socket that has one address.
static void tell_of_v6only(int own, int listener, const struct address *held, const char *application)
{
        int wanted = socket_options_v6only(own), is = socket_options_v6only(listener);

        if (wanted < 0 || is < 0 || wanted == is || !IN6_IS_ADDR_UNSPECIFIED(&held->in6.sin6_addr))
                return;
        (void) fprintf(stderr,
                       SD_NOTICE
                       "The application has set IPV6_V6ONLY=%d on its socket for port %d, and gets one "
                       "with %d. As it expects it: BindIPv6Only=%s in [Socket] of %s.socket\n",
                       wanted, ntohs(held->in6.sin6_port), is, wanted ? "ipv6-only" : "both", application);
}

static void tell_of_transfer(const struct transfer *transfer, const struct address *wanted)
{
        char text[ADDRESS_TEXT_MAX];

        address_format(wanted, text);
        if (*transfer->lost_options)
                (void) fprintf(stderr,
                               SD_WARNING "The socket that systemd holds for %s does not take what the "
                                          "application has set, ignoring: %s\n",
                               text, transfer->lost_options);
        if (transfer->epoll_error > 0)
                (void) fprintf(stderr,
                               SD_WARNING "Failed to have an epoll instance of the application wait for %s, "
                                          "ignoring: %s\n",
                               text, strerror(transfer->epoll_error));
        if (transfer->number_error > 0)
                (void) fprintf(stderr,
                               SD_WARNING
                               "Failed to put the socket that systemd holds for %s under a further "
                               "number, ignoring: %s\n",
                               text, strerror(transfer->number_error));
        if (transfer->other_process > 0)
                (void) fprintf(stderr,
                               SD_WARNING
                               "Process %d has inherited the socket that the application binds to %s "
                               "before it was bound, and cannot listen on it, ignoring\n",
                               transfer->other_process, text);
}

static void tell_of_sockets(const struct address *wanted, int own, int listener, const char *application)
{
        struct address held = {.size = sizeof(held.un)};

        if (getsockname(listener, &held.any, &held.size) < 0)
                return;
        tell_of_families(wanted, &held);
        tell_of_v6only(own, listener, &held, application);
}

// A snapshot would bind it again at each restore, while nobody holds it in between: there is none of such an
// application. While a bake finds that out, what serves may hold the very address, so that another port is
// bound.
static bool set_apart(int own, const struct address *wanted, const struct listeners *listeners,
                      const struct options *options)
{
        struct address elsewhere = *wanted;
        char text[ADDRESS_TEXT_MAX];
        struct stat st;

        // The port has the same place in both families. A bare one is the kernel's to choose.
        if (!address_is_inet(wanted) || wanted->in.sin_port == 0 || fstat(own, &st) < 0)
                return false;
        elsewhere.in.sin_port = 0;
        if (options->bake && bind(own, &elsewhere.any, elsewhere.size) < 0)
                return false;
        if (!adoptions_add_unnamed(listeners->adoptions, st.st_ino, wanted) || options->bake)
                return options->bake;
        address_format(wanted, text);
        (void) fprintf(stderr,
                       SD_NOTICE
                       "The application binds %s, which no ListenStream= names: if it listens there, "
                       "a snapshot needs ListenStream=%s\n",
                       text, text);
        return false;
}

static bool adopt(int questions, const struct question *asked, const struct listeners *listeners,
                  const struct options *options)
{
        _cleanup_close_ int own = transfer_fetch(asked);
        struct transfer transfer;
        struct address address;
        int index, listener;

        if (own < 0 || read_address(asked, &address) < 0 || !filter_is_waiting(questions, asked))
                return false;
        index = listeners_find(listeners, options, &address);
        if (index < 0)
                return set_apart(own, &address, listeners, options);
        listener = LISTENERS_FIRST + index;
        if (transfer_socket(questions, asked, own, listener, &transfer) < 0)
                return false;
        listeners->adoptions->adopted[index] = true;
        tell_of_transfer(&transfer, &address);
        // A scratch socket is of no use to look at.
        if (!options->bake)
                tell_of_sockets(&address, own, listener, options->application);
        return true;
}

// It reads what the application has written, for as long as that runs. Should it fail we are what we were.
static void drop_capabilities(void)
{
        // The application is of another user: its memory and descriptors (ptrace(2), access mode checking),
        uint64_t kept = CAPABILITY(CAP_SYS_PTRACE);

        // and its directories and files in /proc, which are its own.
        kept |= CAPABILITY(CAP_DAC_READ_SEARCH);
        // Options that it has set (socket(7), tcp(7)): the sizes of buffers beyond the limit, SO_MARK,
        // SO_PRIORITY, a TCP_CONGESTION that is not for everybody,
        kept |= CAPABILITY(CAP_NET_ADMIN);
        // and SO_BINDTODEVICE where systemd has set one.
        kept |= CAPABILITY(CAP_NET_RAW);
        // EPOLLWAKEUP of epoll_ctl(2), which one that is root may have asked for.
        kept |= CAPABILITY(CAP_BLOCK_SUSPEND);
        (void) capabilities_keep(kept);
}

_Noreturn void adopt_serve(int questions, const struct listeners *listeners, const struct options *options)
{
        struct pollfd waited = {.fd = questions, .events = POLLIN};
        struct question asked;

        (void) prctl(PR_SET_NAME, "adopt");
        drop_capabilities();
        adoptions_begin(listeners->adoptions);
        for (;;) {
                if (poll(&waited, 1, -1) < 0)
                        continue;
                if (waited.revents & (POLLHUP | POLLERR | POLLNVAL))
                        _exit(EXIT_STATUS_OK);
                // It blocks should the question have been taken back since, until the next one.
                if (filter_receive(questions, &asked) == 0)
                        filter_answer(questions, &asked,
                                      asked.kind == QUESTION_BIND
                                          ? adopt(questions, &asked, listeners, options)
                                          : shelter_has(&asked, listeners, options));
        }
}
