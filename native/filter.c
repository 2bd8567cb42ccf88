// seccomp(2) for a cold boot. One filter keeps io_uring away: CRIU cannot dump a ring, and libuv opens one
// unasked. The other asks about bind(2).
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define UNLINK SYS_unlink
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
// There is the newer form alone.
#define UNLINK SYS_unlinkat
#else
#error "the numbers of the calls are known for x86-64 and arm64"
#endif

// x32 marks its numbers with this bit.
static const unsigned x32_bit = 0x40000000;

// Of 32-bit programs on x86-64, where older C libraries bind by socketcall(2).
enum { BIND_I386 = 361, SOCKETCALL_I386 = 102 };

int filter_install(enum filter_questions questions)
{
        // System calls added since Linux 5.1 have one number on every architecture of a machine, so that
        // io_uring needs no case of its own. 32-bit programs are asked about bind(2), not about unlink(2).
        // Nothing is stored in between: the kernel knows beforehand which calls such a filter allows in any
        // case, and does not run it for them.
        // After a restore there is nobody to ask: in the images SECCOMP_RET_USER_NOTIF becomes
        // SECCOMP_RET_ALLOW (activator/images/quiet-filters.ts).
        bool asks_unlink = questions == QUESTIONS_BIND_AND_UNLINK;
        struct sock_filter instructions[] = {
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
            BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~x32_bit),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bind, 5, 0),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, asks_unlink ? SYS_unlinkat : SYS_bind, 4, 0),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, asks_unlink ? UNLINK : SYS_bind, 3, 0),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, BIND_I386, 4, 0),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCKETCALL_I386, 5, 0),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            // A number of our own.
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 6, 7),
            // BIND_I386
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 4, 5),
            // SOCKETCALL_I386
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 0, 3),
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_BIND, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, questions ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = {
            .len = sizeof(instructions) / sizeof(instructions[0]),
            .filter = instructions,
        };
        // seccomp(2): with CAP_SYS_ADMIN the filter needs no no_new_privs, which would disarm set-user-ID
        // programs that the application runs. SPEC_ALLOW: the filter is not a sandbox and must not switch on
        // mitigations.
        unsigned flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW | (questions ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0);
        long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);

        return r < 0 ? -errno : (int) r;
}

static void fill_bind(struct question *question, uint64_t fd, uint64_t address, uint64_t size)
{
        question->kind = QUESTION_BIND;
        question->fd = (int) fd;
        question->address = address;
        question->size = size;
}

// socketcall(2): the arguments lie in its memory.
static void fill_socketcall(struct question *question, uint64_t where)
{
        uint32_t arguments[3];
        struct iovec here = {arguments, sizeof(arguments)}, there = {(void *) where, sizeof(arguments)};

        if (process_vm_readv(question->thread, &here, 1, &there, 1, 0) == (ssize_t) sizeof(arguments))
                fill_bind(question, arguments[0], arguments[1], arguments[2]);
        else
                // Of nothing; the kernel finds the same fault.
                fill_bind(question, (uint64_t) -1, 0, 0);
}

int filter_receive(int questions, struct question *ret)
{
        struct seccomp_notif notification = {0};
        const __u64 *arguments = notification.data.args;
        unsigned number;

        if (ioctl(questions, SECCOMP_IOCTL_NOTIF_RECV, &notification) < 0)
                return -errno;
        *ret = (struct question){.id = notification.id, .thread = (pid_t) notification.pid};
        number = (unsigned) notification.data.nr & ~x32_bit;
        if (notification.data.arch == AUDIT_ARCH_I386 && number == SOCKETCALL_I386) {
                fill_socketcall(ret, arguments[1]);
                return 0;
        }
        if (notification.data.arch == AUDIT_ARCH_I386 || number == SYS_bind) {
                fill_bind(ret, arguments[0], arguments[1], arguments[2]);
                return 0;
        }
        ret->kind = QUESTION_UNLINK;
        ret->fd = number == SYS_unlinkat ? (int) arguments[0] : AT_FDCWD;
        ret->address = number == SYS_unlinkat ? arguments[1] : arguments[0];
        return 0;
}

bool filter_is_waiting(int questions, const struct question *question)
{
        return ioctl(questions, SECCOMP_IOCTL_NOTIF_ID_VALID, &question->id) == 0;
}

int filter_replace(int questions, const struct question *question, int with, bool close_on_exec)
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

void filter_answer(int questions, const struct question *question, bool is_done)
{
        struct seccomp_notif_resp response = {
            .id = question->id,
            .flags = is_done ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE,
        };

        // Whoever asked may be gone.
        (void) ioctl(questions, SECCOMP_IOCTL_NOTIF_SEND, &response);
}
