// The lines of a plan that repeat, and name each other: listeners with what is set on them, users with their
// files.
#include "plan-lists.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static struct plan_listener *find_listener(struct plan *plan, uint32_t index)
{
        for (size_t i = 0; i < plan->restore.n_listeners; i++)
                if (plan->restore.listeners[i].index == index)
                        return &plan->restore.listeners[i];
        return NULL;
}

int plan_listener(struct span value, struct plan *plan)
{
        struct plan_listener listener = {0};
        struct span index = span_take(&value, ' '), inode = span_take(&value, ' ');

        if (plan->restore.n_listeners == LISTENERS_MAX ||
            span_u32(index, 0, LISTENERS_MAX - 1, &listener.index) < 0 ||
            span_u32(inode, 1, UINT32_MAX, &listener.inode) < 0 || find_listener(plan, listener.index))
                return -EBADMSG;
        if (value.size > 0 && !span_is(value, "nonblock"))
                return -EBADMSG;
        listener.nonblock = value.size > 0;
        plan->restore.listeners[plan->restore.n_listeners++] = listener;
        return 0;
}

int plan_backlog(struct span value, struct plan *plan)
{
        struct span number = span_take(&value, ' ');
        struct plan_listener *listener;
        uint32_t index;

        if (span_u32(number, 0, LISTENERS_MAX - 1, &index) < 0)
                return -EBADMSG;
        listener = find_listener(plan, index);
        if (!listener || listener->has_backlog || span_int(value, 0, INT_MAX, &listener->backlog) < 0)
                return -EBADMSG;
        listener->has_backlog = true;
        return 0;
}

int plan_option(struct span value, struct plan *plan)
{
        struct span index = span_take(&value, ' '), level = span_take(&value, ' '),
                    name = span_take(&value, ' ');
        struct plan_option option = {0};

        if (plan->n_options == PLAN_OPTIONS_MAX ||
            span_u32(index, 0, LISTENERS_MAX - 1, &option.index) < 0 ||
            span_int(level, 0, INT_MAX, &option.level) < 0 || span_int(name, 0, INT_MAX, &option.name) < 0 ||
            !find_listener(plan, option.index))
                return -EBADMSG;
        if (value.size == 0 || value.size % 2 != 0 || value.size / 2 > sizeof(option.value))
                return -EBADMSG;
        for (size_t i = 0; i < value.size / 2; i++)
                if (span_byte(value.at + 2 * i, &option.value[i]) < 0)
                        return -EBADMSG;
        option.size = value.size / 2;
        plan->options[plan->n_options++] = option;
        return 0;
}

int plan_user(struct span value, struct plan *plan)
{
        struct plan_restore *restore = &plan->restore;
        struct span uid = span_take(&value, ' '), gid = span_take(&value, ' ');
        struct plan_user *user;

        if (restore->n_users == PLAN_USERS_MAX)
                return -EBADMSG;
        user = &restore->users[restore->n_users++];
        // The largest number is "unchanged" to setresuid(2).
        if (span_u32(uid, 0, UINT32_MAX - 1, &user->uid) < 0 ||
            span_u32(gid, 0, UINT32_MAX - 1, &user->gid) < 0)
                return -EBADMSG;
        while (value.size > 0) {
                if (user->n_groups == PLAN_GROUPS_MAX ||
                    span_u32(span_take(&value, ','), 0, UINT32_MAX - 1, &user->groups[user->n_groups++]) < 0)
                        return -EBADMSG;
        }
        return 0;
}

int plan_file(struct span value, struct plan *plan)
{
        struct plan_restore *restore = &plan->restore;
        struct span user = span_take(&value, ' '), flags = span_take(&value, ' '),
                    position = span_take(&value, ' ');
        struct span size = span_take(&value, ' '), mtime = span_take(&value, ' ');
        struct plan_file *file;
        char *path = restore->paths + restore->paths_size;

        if (restore->n_files == PLAN_FILES_MAX || restore->n_users == 0)
                return -EBADMSG;
        file = &restore->files[restore->n_files++];
        file->path = restore->paths_size;
        if (span_u32(user, 0, (uint32_t) restore->n_users - 1, &file->user) < 0 ||
            span_int(flags, 0, PLAN_FILE_FLAGS, &file->flags) < 0 || (file->flags & ~PLAN_FILE_FLAGS) != 0 ||
            span_number(position, 0, INT64_MAX, &file->position) < 0 ||
            span_optional(size, &file->has_size, &file->size) < 0 ||
            span_optional(mtime, &file->has_mtime, &file->mtime) < 0)
                return -EBADMSG;
        if (span_path(value, path, sizeof(restore->paths) - restore->paths_size) < 0)
                return -EBADMSG;
        restore->paths_size += strlen(path) + 1;
        return 0;
}
