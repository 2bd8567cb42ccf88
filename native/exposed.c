// Opens files as the application's user would. Owns openat2(2) and the borrowed credentials; judges nothing
// but what it opened.
#include "exposed.h"

#include "cleanup.h"
#include <grp.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

// setresuid(2) with an effective ID other than 0 takes every capability out of the effective set and sets
// the file system ID, too (capabilities(7), "Effect of user ID changes"); what is permitted stays for the
// way back, as the real ID is still 0. That is more than setfsuid(2) does: some of /proc/sys/ goes by the
// effective ID. Nobody can signal or trace us meanwhile, as the real and the saved ID are root's.
static int borrow(const struct plan_user *user)
{
        if (setgroups(user->n_groups, user->groups) < 0 ||
            setresgid((gid_t) -1, user->gid, (gid_t) -1) < 0 ||
            setresuid((uid_t) -1, user->uid, (uid_t) -1) < 0)
                return -errno;
        return 0;
}

// criu gives the restored processes groups of their own and needs none itself.
static int give_back(void)
{
        if (setresuid((uid_t) -1, 0, (uid_t) -1) < 0 || setresgid((gid_t) -1, 0, (gid_t) -1) < 0 ||
            setgroups(0, NULL) < 0)
                return -errno;
        return 0;
}

// What is not checked by criu, as criu does not open it.
static int judge(int fd, const struct plan_file *file, bool is_watched)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        if ((file->flags & O_DIRECTORY) ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode))
                return -ESTALE;
        if (file->has_size && (uint64_t) st.st_size != file->size)
                return -ESTALE;
        if (file->has_mtime && !is_watched && (uint64_t) st.st_mtim.tv_sec != file->mtime)
                return -ESTALE;
        return 0;
}

static int open_one(const struct plan_file *file, const char *path, bool is_watched)
{
        // The recorded path is the kernel's own and holds no link: one that is there now was put there
        // since. O_NONBLOCK, so that a FIFO in the place of a file keeps nobody waiting.
        struct open_how how = {
            .flags = (uint64_t) (unsigned) file->flags | O_CLOEXEC | O_NOCTTY,
            .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
        };
        _cleanup_close_ int fd = FD_NONE;
        int r;

        if (file->flags & O_PATH)
                // openat2(2) refuses what open(2) ignores.
                how.flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        else
                how.flags |= O_NONBLOCK;
        fd = (int) syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
        if (fd < 0)
                return -errno;
        r = judge(fd, file, is_watched);
        if (r < 0)
                return r;
        if (!(file->flags & O_PATH)) {
                if (!(file->flags & O_NONBLOCK) && fcntl(fd, F_SETFL, file->flags) < 0)
                        return -errno;
                if (lseek(fd, (off_t) file->position, SEEK_SET) < 0)
                        return -errno;
        }
        return steal_fd(&fd);
}

int exposed_open(const struct plan_restore *plan, int ret_fds[static PLAN_FILES_MAX],
                 struct exposed_failure *ret_failure)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->n_files; i++) {
                const struct plan_file *file = &plan->files[i];
                bool is_new = i == 0 || file->user != file[-1].user;

                *ret_failure = (struct exposed_failure){.file = (uint32_t) i};
                if (is_new && i > 0)
                        r = give_back();
                if (r >= 0 && is_new)
                        r = borrow(&plan->users[file->user]);
                if (r >= 0)
                        r = ret_fds[i] = open_one(file, plan->paths + file->path, plan->is_vouched_for);
        }
        if (r >= 0 && plan->n_files > 0)
                r = give_back();
        ret_failure->error = r < 0 ? -r : 0;
        return r < 0 ? r : 0;
}
