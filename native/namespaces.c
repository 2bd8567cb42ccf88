// Owns clone(2), mount(2), pivot_root(2) and setns(2). Knows nothing of what runs inside.
#include "namespaces.h"

#include "cleanup.h"
#include "directory.h"
#include "paths.h"
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/syscall.h>

static pid_t clone_with_pidfd(uint64_t flags, int *ret_pidfd)
{
        int pidfd = FD_NONE;
        // The raw call, as fork(2) takes no flags: the child goes on with a copy of this one thread. It may
        // not use what libsystemd or glibc remember by PID, and does not. Not clone3(2), whose flags no
        // filter can read: RestrictNamespaces= refuses it whatever they are.
        pid_t pid = (pid_t) syscall(SYS_clone, flags | CLONE_PIDFD | SIGCHLD, NULL, &pidfd, NULL, NULL);

        if (pid < 0)
                return -errno;
        if (pid > 0)
                *ret_pidfd = pidfd;
        return pid;
}

pid_t namespaces_clone(int *ret_pidfd)
{
        // Both need CAP_SYS_ADMIN in our user namespace (clone(2)). The child of CLONE_NEWPID is the init of
        // the new PID namespace: when it dies, the kernel kills everything in it, so nothing of an
        // application outlives it.
        return clone_with_pidfd(CLONE_NEWPID | CLONE_NEWNS, ret_pidfd);
}

pid_t fork_with_pidfd(int *ret_pidfd)
{
        return clone_with_pidfd(0, ret_pidfd);
}

static int fail(enum phase *ret_phase, enum phase phase)
{
        *ret_phase = phase;
        return -errno;
}

int namespaces_enter_root(enum phase *ret_phase)
{
        // The copied mounts are still peers of the host's. pivot_root(2) refuses a shared parent mount, and
        // without this the host would see what we mount. Slave, not private: what the host mounts later is
        // to be seen here.
        if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0)
                return fail(ret_phase, PHASE_PROPAGATION);

        // pivot_root(2) wants the new root to be a mount point other than the current root: bind / to one.
        if (mount("/", ROOT_DIRECTORY, NULL, MS_BIND | MS_REC, NULL) < 0) {
                if (errno != ENOENT)
                        return fail(ret_phase, PHASE_BIND);
                if (directory_make(ROOT_DIRECTORY, 0755) < 0 ||
                    mount("/", ROOT_DIRECTORY, NULL, MS_BIND | MS_REC, NULL) < 0)
                        return fail(ret_phase, PHASE_BIND);
        }
        if (chdir(ROOT_DIRECTORY) < 0)
                return fail(ret_phase, PHASE_BIND);

        // pivot_root(2), "pivot_root(".", ".")": the old root ends up on top of the new one, no directory is
        // needed to put it, and the unmount takes it away with everything below it.
        if (syscall(SYS_pivot_root, ".", ".") < 0)
                return fail(ret_phase, PHASE_PIVOT);
        if (umount2(".", MNT_DETACH) < 0)
                return fail(ret_phase, PHASE_DETACH);
        if (chdir("/") < 0)
                return fail(ret_phase, PHASE_DETACH);

        // A procfs shows the PID namespace of the process that mounts it (pid_namespaces(7)); the one bound
        // from the host would show criu and the application foreign PIDs.
        if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
                return fail(ret_phase, PHASE_PROC);
        return 0;
}

int namespaces_mount_memory(const char *images)
{
        // The images name the files of their memory by this place, whatever the snapshot is called.
        if (mount(images, MEMORY_DIRECTORY, NULL, MS_BIND, NULL) < 0) {
                if (errno != ENOENT)
                        return -errno;
                if (directory_make(MEMORY_DIRECTORY, 0700) < 0 ||
                    mount(images, MEMORY_DIRECTORY, NULL, MS_BIND, NULL) < 0)
                        return -errno;
        }
        // A bind mount begins with the flags of what it shows, and mount(2) lets them be set anew. Nobody in
        // here may write to a snapshot. MS_NOEXEC, which /var may have, goes: mmap(2) refuses PROT_EXEC
        // under it, and what a just-in-time compiler has made is memory like any other.
        if (mount(NULL, MEMORY_DIRECTORY, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV,
                  NULL) < 0)
                return -errno;
        return 0;
}

int namespaces_mount_seed(void)
{
        // Writable for root alone. Two inodes: the directory and the file.
        static const char options[] = "mode=0755,size=4k,nr_inodes=2";
        const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

        if (mount("tmpfs", SEED_DIRECTORY, "tmpfs", flags, options) == 0)
                return 0;
        if (errno != ENOENT)
                return -errno;
        if (directory_make(SEED_DIRECTORY, 0755) < 0 ||
            mount("tmpfs", SEED_DIRECTORY, "tmpfs", flags, options) < 0)
                return -errno;
        return 0;
}

int namespaces_cover(int fd, const char *with)
{
        // By descriptors alone: whoever is in here by setns(2) does not find itself in this /proc.
        _cleanup_close_ int tree =
            with ? open_tree(AT_FDCWD, with, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)
                 : open_tree(fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

        if (tree < 0)
                return -errno;
        return move_mount(tree, "", fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0 ? -errno
                                                                                                   : 0;
}

int namespaces_join(int pidfd)
{
        // setns(2) takes a pidfd and several namespaces since Linux 5.8; CLONE_NEWPID is for children only,
        // and CLONE_NEWNS moves root and working directory to the root of that namespace.
        return setns(pidfd, CLONE_NEWPID | CLONE_NEWNS) < 0 ? -errno : 0;
}
