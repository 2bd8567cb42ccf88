// Calls CRIU. Knows its options and what it wants of its caller; forks nothing and waits for nobody.
#include "criu.h"

#include "cleanup.h"
#include "exposed.h"
#include "paths.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>

enum {
        EXIT_NOT_EXECUTED = 127,
        KEYS_MAX = LISTENERS_MAX + 2 + PLAN_FILES_MAX,
        WORDS_MAX = 32 + 2 * KEYS_MAX,
        KEY_MAX = 64,
};

int criu_find(struct criu *ret)
{
        static const char *const places[] = {"/usr/sbin/criu", "/usr/local/sbin/criu"};

        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
                struct stat st;
                if (stat(places[i], &st) < 0 || !S_ISREG(st.st_mode) || !(st.st_mode & S_IXUSR))
                        continue;
                *ret = (struct criu){places[i], (uint64_t) st.st_size, (uint64_t) st.st_mtim.tv_sec};
                return 0;
        }
        return -ENOENT;
}

// criu keeps its standard streams open while it works; what it says goes to its log.
static int silence(void)
{
        int fd = open("/dev/null", O_RDWR);

        if (fd < 0)
                return -errno;
        for (int target = STDIN_FILENO; target <= STDERR_FILENO; target++)
                if (fd != target && dup2(fd, target) < 0)
                        return -errno;
        if (fd > STDERR_FILENO)
                (void) close(fd);
        return 0;
}

// The exception to close-on-exec: criu inherits these for --inherit-fd.
static int inherit(int fd)
{
        return fcntl(fd, F_SETFD, 0) < 0 ? -errno : 0;
}

// `libraries` is a variable of ld.so(8), or NULL.
static void execute(const char *path, const char *const *words, const char *libraries,
                    const sigset_t *signal_mask)
{
        // 130 is FI_NO_BREAKPOINTS of criu's fault injection, one of those that are "not fatal": it stops
        // tasks by single steps, not by hardware breakpoints, which many virtual machines emulate in
        // milliseconds. GnuTLS, which criu is linked with for its page server, otherwise sets itself up in
        // each of its programs, for a connection that we never make.
        const char *environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "CRIU_FAULT=130",
                                     "GNUTLS_NO_IMPLICIT_INIT=1", libraries, NULL};

        // A blocked SIGCHLD would survive exec, and criu waits for it.
        if (sigprocmask(SIG_SETMASK, signal_mask, NULL) < 0)
                return;
        (void) execve(path, (char **) words, (char **) environment);
}

bool criu_is_warm(void)
{
        return access("/run/criu.kdat", F_OK) == 0;
}

int criu_exec_restore(const struct criu_restore *restore)
{
        const char *words[WORDS_MAX] = {
            "criu",
            "restore",
            "--images-dir",
            restore->images,
            "--work-dir",
            restore->work,
            "--log-file",
            "restore.log",
            "-v2",
            "--no-default-config",
            "--tcp-close",
            "--ext-unix-sk",
            "--file-locks",
            "--manage-cgroups=ignore",
            "--restore-detached",
            "--restore-sibling",
        };
        char keys[KEYS_MAX][KEY_MAX];
        struct exposed_failure failure = {0};
        int files[PLAN_FILES_MAX];
        size_t n = 0, k = 0;

        while (words[n])
                n++;
        // Otherwise criu maps each library once more and reads its build-id: a replaced one of the same size
        // is found in no other way.
        if (restore->plan->is_vouched_for) {
                words[n++] = "--file-validation";
                words[n++] = "filesize";
        }
        // The descriptors are not in use by anything else here: the caller is a child made for this.
        (void) close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
        if (silence() < 0)
                return EXIT_NOT_EXECUTED;
        for (size_t i = 0; i < restore->plan->n_listeners; i++) {
                const struct plan_listener *listener = &restore->plan->listeners[i];
                int fd = restore->descriptors.first_listener + (int) listener->index;
                if (inherit(fd) < 0)
                        return EXIT_NOT_EXECUTED;
                (void) snprintf(keys[k], KEY_MAX, "fd[%d]:socket:[%u]", fd, listener->inode);
                words[n++] = "--inherit-fd";
                words[n++] = keys[k++];
        }
        const struct {
                int fd;
                uint32_t inode;
        } pipes[] = {{restore->descriptors.out, restore->plan->stdout_inode},
                     {restore->descriptors.err, restore->plan->stderr_inode}};
        for (size_t i = 0; i < 2; i++) {
                if (pipes[i].inode == 0)
                        continue;
                if (inherit(pipes[i].fd) < 0)
                        return EXIT_NOT_EXECUTED;
                (void) snprintf(keys[k], KEY_MAX, "fd[%d]:pipe:[%u]", pipes[i].fd, pipes[i].inode);
                words[n++] = "--inherit-fd";
                words[n++] = keys[k++];
        }
        if (exposed_open(restore->plan, files, &failure) < 0) {
                (void) !write(restore->failure, &failure, sizeof(failure));
                return EXIT_NOT_EXECUTED;
        }
        for (size_t i = 0; i < restore->plan->n_files; i++) {
                if (inherit(files[i]) < 0)
                        return EXIT_NOT_EXECUTED;
                // As criu keeps the name that the images have: without the slash that it begins with.
                (void) snprintf(keys[k], KEY_MAX, "fd[%d]:%s/%zu", files[i], EXPOSED_DIRECTORY + 1, i);
                words[n++] = "--inherit-fd";
                words[n++] = keys[k++];
        }
        execute(restore->path, words,
                restore->plan->does_without && criu_is_warm() ? "LD_LIBRARY_PATH=" UNCALLED_DIRECTORY : NULL,
                restore->signal_mask);
        return EXIT_NOT_EXECUTED;
}

// prlimit(2): to read the limits of a process, CAP_SYS_RESOURCE, or real IDs that are the process's own.
// criu reads them and has only the first; in a container that lacks it the second helps. Effective IDs, and
// with them criu's capabilities, stay root's. Tasks of yet another user cannot be dumped there.
// libnftables, which criu asks about the kernel when nothing is cached, ends a program whose real and
// effective IDs differ: hence criu_exec_check() before.
static void assume_owner(pid_t pid)
{
        unsigned uid = 0, gid = 0;
        char path[32], line[256];
        FILE *status;

        if (prctl(PR_CAPBSET_READ, CAP_SYS_RESOURCE) != 0)
                return;
        (void) snprintf(path, sizeof(path), "/proc/%d/status", pid);
        status = fopen(path, "re");
        if (!status)
                return;
        while (fgets(line, sizeof(line), status)) {
                if (sscanf(line, "Uid: %u", &uid) != 1)
                        (void) sscanf(line, "Gid: %u", &gid);
        }
        (void) fclose(status);
        // criu says in its log what it misses, should this fail.
        if (setresgid(gid, (gid_t) -1, (gid_t) -1) == 0)
                (void) !setresuid(uid, (uid_t) -1, (uid_t) -1);
}

int criu_exec_check(const struct criu_dump *dump)
{
        static const char *const words[] = {"criu", "check", "--no-default-config", NULL};

        (void) close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
        if (silence() == 0)
                execute(dump->path, words, NULL, dump->signal_mask);
        return EXIT_NOT_EXECUTED;
}

int criu_exec_dump(const struct criu_dump *dump)
{
        char pid[16];
        const char *words[WORDS_MAX] = {
            "criu",
            "dump",
            "--tree",
            pid,
            "--images-dir",
            dump->images,
            "--work-dir",
            dump->work,
            "--log-file",
            "dump.log",
            "-v2",
            "--no-default-config",
            "--tcp-close",
            // A datagram socket is connected anew to the name that it was connected to: /dev/log.
            "--ext-unix-sk",
            "--skip-in-flight",
            "--file-locks",
            "--manage-cgroups=ignore",
            "--network-lock",
            "skip",
            // Files that were deleted while open are part of the snapshot; 1 MiB, criu's own limit, is
            // too little.
            "--ghost-limit",
            dump->ghost_limit,
        };
        size_t n = 0;

        (void) snprintf(pid, sizeof(pid), "%d", dump->pid);
        while (words[n])
                n++;
        if (dump->leave_running)
                words[n++] = "--leave-running";
        (void) close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
        // Some of its images criu makes readable by everybody, as far as this lets it.
        (void) umask(0077);
        assume_owner(dump->pid);
        if (silence() == 0)
                execute(dump->path, words, NULL, dump->signal_mask);
        return EXIT_NOT_EXECUTED;
}
