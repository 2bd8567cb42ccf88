// seccomp(2) for a cold boot. One filter keeps io_uring away: CRIU cannot dump a ring, and libuv opens one
// unasked. The other asks about bind(2).
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the number of bind(2) is known for x86-64 and arm64"
#endif

int filter_install(bool questions_bind)
{
        // System calls added since Linux 5.1 have one number on every architecture of a machine, so the
        // 32-bit ABIs need no case of their own; x32 marks its numbers with this bit. bind(2) is older, and
        // 32-bit programs are not asked about it.
        // After a restore there is nobody to ask: in the images SECCOMP_RET_USER_NOTIF becomes
        // SECCOMP_RET_ALLOW (activator/images/quiet-filters.ts).
        static const unsigned x32_bit = 0x40000000;
        struct sock_filter instructions[] = {
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
            BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~x32_bit),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bind, 0, 3),
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, questions_bind ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = {
            .len = sizeof(instructions) / sizeof(instructions[0]),
            .filter = instructions,
        };
        // seccomp(2): with CAP_SYS_ADMIN the filter needs no no_new_privs, which would disarm set-user-ID
        // programs that the application runs. SPEC_ALLOW: the filter is not a sandbox and must not switch on
        // mitigations.
        unsigned flags =
            SECCOMP_FILTER_FLAG_SPEC_ALLOW | (questions_bind ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0);
        long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);

        return r < 0 ? -errno : (int) r;
}

int filter_receive(int questions, struct bind_question *ret)
{
        struct seccomp_notif notification = {0};

        if (ioctl(questions, SECCOMP_IOCTL_NOTIF_RECV, &notification) < 0)
                return -errno;
        *ret = (struct bind_question){
            .id = notification.id,
            .thread = (pid_t) notification.pid,
            .fd = (int) notification.data.args[0],
            .address = notification.data.args[1],
            .size = notification.data.args[2],
        };
        return 0;
}

bool filter_is_waiting(int questions, const struct bind_question *question)
{
        return ioctl(questions, SECCOMP_IOCTL_NOTIF_ID_VALID, &question->id) == 0;
}

int filter_replace(int questions, const struct bind_question *question, int with, bool close_on_exec)
{
        struct seccomp_notif_addfd added = {
            .id = question->id,
            .flags = SECCOMP_ADDFD_FLAG_SETFD,
            .srcfd = (unsigned) with,
            .newfd = (unsigned) question->fd,
            .newfd_flags = close_on_exec ? O_CLOEXEC : 0,
        };

        return ioctl(questions, SECCOMP_IOCTL_NOTIF_ADDFD, &added) < 0 ? -errno : 0;
}

void filter_answer(int questions, const struct bind_question *question, bool is_done)
{
        struct seccomp_notif_resp response = {
            .id = question->id,
            .flags = is_done ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE,
        };

        // Whoever asked may be gone.
        (void) ioctl(questions, SECCOMP_IOCTL_NOTIF_SEND, &response);
}
