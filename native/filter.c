// Installs the filter that keeps io_uring away: CRIU cannot dump a ring, and libuv opens one unasked.
#include "filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

int filter_install(void)
{
        // System calls added since Linux 5.1 have one number on every architecture of a machine, so the
        // 32-bit ABIs need no case of their own; x32 marks its numbers with this bit.
        static const unsigned x32_bit = 0x40000000;
        struct sock_filter instructions[] = {
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
            BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~x32_bit),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = {
            .len = sizeof(instructions) / sizeof(instructions[0]),
            .filter = instructions,
        };

        // seccomp(2): with CAP_SYS_ADMIN the filter needs no no_new_privs, which would disarm set-user-ID
        // programs that the application runs. SPEC_ALLOW: the filter is not a sandbox and must not switch on
        // mitigations.
        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) < 0)
                return -errno;
        return 0;
}
