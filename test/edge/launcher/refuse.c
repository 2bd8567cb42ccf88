// Stands in for a host that refuses: `refuse WHAT COMMAND…` executes COMMAND, which
//   namespaces  can make no PID namespace, as below RestrictNamespaces=;
//   roots       is ended if it changes its root, as below SystemCallFilter=;
//   clocks      has no room for a clock to wait for.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
        const char *name;
        unsigned call;
        unsigned bits; // in its first argument, of which the lower half comes first; 0: whatever that is
        unsigned answer;
} refused[] = {
    {"namespaces", SYS_clone, CLONE_NEWPID, SECCOMP_RET_ERRNO | EPERM},
    {"roots", SYS_pivot_root, 0, SECCOMP_RET_KILL_PROCESS},
    {"clocks", SYS_timerfd_create, 0, SECCOMP_RET_ERRNO | EMFILE},
};

static int refuse(unsigned call, unsigned bits, unsigned answer)
{
        struct sock_filter instructions[] = {
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3),
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
            bits ? (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1)
                 : (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JA, 0, 0, 0),
            BPF_STMT(BPF_RET | BPF_K, answer),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = {sizeof(instructions) / sizeof(instructions[0]), instructions};

        return (int) syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

int main(int argc, char **argv)
{
        for (size_t i = 0; argc > 2 && i < sizeof(refused) / sizeof(refused[0]); i++)
                if (strcmp(argv[1], refused[i].name) == 0 &&
                    refuse(refused[i].call, refused[i].bits, refused[i].answer) == 0)
                        (void) execvp(argv[2], argv + 2);
        return 125;
}
