// Answers bind(2). Where the address is one that systemd listens on, the application's socket is replaced by
// systemd's, which is bound already; everything else is the kernel's to answer.
#include "adopt.h"

#include "address.h"
#include "cleanup.h"
#include "exit-status.h"
#include "filter.h"
#include "shelter.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
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

// A number of /proc/PID/status or /proc/PID/fdinfo/FD, or -1.
static long read_field(const char *path, const char *name, int base)
{
        FILE *file = fopen(path, "re");
        char line[128];
        long value = -1;

        if (!file)
                return -1;
        while (value < 0 && fgets(line, sizeof(line), file))
                if (strncmp(line, name, strlen(name)) == 0)
                        value = strtol(line + strlen(name), NULL, base);
        (void) fclose(file);
        return value;
}

// The application's own descriptor, as ours. Who asks may be any thread; a pidfd is of the process.
static int fetch(pid_t thread, int fd)
{
        _cleanup_close_ int pidfd = FD_NONE;
        char path[64];
        long process;
        int fetched;

        (void) snprintf(path, sizeof(path), "/proc/%d/status", thread);
        process = read_field(path, "Tgid:", 10);
        pidfd = process > 0 ? pidfd_open((pid_t) process, 0) : -1;
        if (pidfd < 0)
                return -ESRCH;
        fetched = pidfd_getfd(pidfd, fd, 0);
        return fetched < 0 ? -errno : fetched;
}

static bool is_stream(int socket)
{
        int type = 0;
        socklen_t size = sizeof(type);

        return getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
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

// Returns 0 when the application has the socket.
static int give(int questions, const struct question *asked, int listener)
{
        _cleanup_close_ int own = fetch(asked->thread, asked->fd);
        char path[64];
        long flags;

        if (own < 0 || !is_stream(own))
                return -ENOTSOCK;
        (void) snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", asked->thread, asked->fd);
        flags = read_field(path, "flags:", 8);
        if (flags < 0 || !filter_is_waiting(questions, asked))
                return -ESRCH;
        // It lives in the open file description, which is systemd's from now on.
        if (flags & O_NONBLOCK && fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK) < 0)
                return -errno;
        return filter_replace(questions, asked, listener, flags & O_CLOEXEC);
}

// With IPv6 sockets a program sees addresses of another shape than it expects, and some do not look.
static void tell_of_families(const struct address *wanted, int listener)
{
        struct address held = {.size = sizeof(held.un)};
        char wanted_text[ADDRESS_TEXT_MAX], held_text[ADDRESS_TEXT_MAX];

        if (getsockname(listener, &held.any, &held.size) < 0 || held.any.sa_family == wanted->any.sa_family)
                return;
        address_format(wanted, wanted_text);
        address_format(&held, held_text);
        (void) fprintf(stderr,
                       SD_NOTICE "The application binds %s and gets %s. "
                                 "For %s addresses as it expects them: ListenStream=%s\n",
                       wanted_text, held_text, wanted->any.sa_family == AF_INET ? "IPv4" : "IPv6",
                       wanted_text);
}

static bool adopt(int questions, const struct question *asked, const struct listeners *listeners,
                  const struct options *options)
{
        struct address address;
        int index;

        if (read_address(asked, &address) < 0)
                return false;
        index = listeners_find(listeners, options, &address);
        if (index < 0 || give(questions, asked, LISTENERS_FIRST + index) < 0)
                return false;
        tell_of_families(&address, LISTENERS_FIRST + index);
        return true;
}

_Noreturn void adopt_serve(int questions, const struct listeners *listeners, const struct options *options)
{
        struct pollfd waited = {.fd = questions, .events = POLLIN};
        struct question asked;

        (void) prctl(PR_SET_NAME, "adopt");
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
