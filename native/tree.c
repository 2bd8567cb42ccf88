// Reads /proc: the processes of an application, and what they have open. Touches nothing.
#include "tree.h"

#include "cleanup.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { PROC_PATH_MAX = 64 };

static int compare(const void *one, const void *other)
{
        uint32_t a = ((const struct tree_socket *) one)->inode,
                 b = ((const struct tree_socket *) other)->inode;

        return (a > b) - (a < b);
}

const struct tree_socket *tree_find_socket(const struct tree_sockets *list, uint32_t inode)
{
        const struct tree_socket wanted = {.inode = inode};

        return list->n > 0 ? bsearch(&wanted, list->sockets, list->n, sizeof(wanted), compare) : NULL;
}

struct visitor {
        int (*visit)(const struct tree_descriptor *descriptor, void *userdata);
        void *userdata;
};

static int add(struct tree_sockets *list, struct tree_socket socket)
{
        if (list->n == list->capacity) {
                size_t capacity = list->capacity > 0 ? 2 * list->capacity : 64;
                void *grown = reallocarray(list->sockets, capacity, sizeof(socket));
                if (!grown)
                        return -ENOMEM;
                list->sockets = grown;
                list->capacity = capacity;
        }
        list->sockets[list->n++] = socket;
        return 0;
}

static DIR *open_folder(int proc, const char *path)
{
        int fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *folder = fd < 0 ? NULL : fdopendir(fd);

        if (fd >= 0 && !folder)
                (void) close(fd);
        return folder;
}

static int each_descriptor(int proc, pid_t pid, const struct visitor *visitor)
{
        char path[PROC_PATH_MAX], target[PROC_PATH_MAX];
        DIR *folder;
        int r = 0;

        (void) snprintf(path, sizeof(path), "%d/fd", pid);
        folder = open_folder(proc, path);
        if (!folder)
                return 0; // it has ended
        for (struct dirent *entry; r == 0 && (entry = readdir(folder));) {
                ssize_t size = readlinkat(dirfd(folder), entry->d_name, target, sizeof(target) - 1);
                if (size < 0)
                        continue;
                target[size] = '\0';
                r = visitor->visit(
                    &(struct tree_descriptor){pid, (int) strtol(entry->d_name, NULL, 10), target},
                    visitor->userdata);
        }
        (void) closedir(folder);
        return r;
}

// Calls `act` for each child of a process; proc_pid_children(5) has those of one thread.
static int each_child(int proc, pid_t pid, int (*act)(int proc, pid_t child, void *userdata), void *userdata)
{
        char path[PROC_PATH_MAX];
        DIR *threads;
        int r = 0;

        (void) snprintf(path, sizeof(path), "%d/task", pid);
        threads = open_folder(proc, path);
        if (!threads)
                return 0;
        for (struct dirent *entry; r == 0 && (entry = readdir(threads));) {
                char name[NAME_MAX + sizeof("/children")];
                FILE *children;
                int fd, child;
                (void) snprintf(name, sizeof(name), "%s/children", entry->d_name);
                fd = openat(dirfd(threads), name, O_RDONLY | O_CLOEXEC);
                children = fd < 0 ? NULL : fdopen(fd, "r");
                if (!children)
                        continue;
                while (r == 0 && fscanf(children, "%d", &child) == 1)
                        r = act(proc, child, userdata);
                (void) fclose(children);
        }
        (void) closedir(threads);
        return r;
}

static int each_in_tree(int proc, pid_t pid, void *visitor)
{
        int r = each_descriptor(proc, pid, visitor);

        return r != 0 ? r : each_child(proc, pid, each_in_tree, visitor);
}

int tree_each_descriptor(int proc, pid_t pid,
                         int (*visit)(const struct tree_descriptor *descriptor, void *userdata),
                         void *userdata)
{
        return each_in_tree(proc, pid, &(struct visitor){visit, userdata});
}

static int add_socket(const struct tree_descriptor *descriptor, void *list)
{
        struct tree_socket socket = {.pid = descriptor->pid, .fd = descriptor->fd};

        return sscanf(descriptor->target, "socket:[%u]", &socket.inode) == 1 ? add(list, socket) : 0;
}

struct wanted {
        pid_t inside;
        pid_t found;
};

static int compare_inside(int proc, pid_t child, void *userdata)
{
        struct wanted *wanted = userdata;
        char path[PROC_PATH_MAX], line[256];
        FILE *status;
        int fd;

        (void) snprintf(path, sizeof(path), "%d/status", child);
        fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
        status = fd < 0 ? NULL : fdopen(fd, "r");
        if (!status)
                return 0;
        while (fgets(line, sizeof(line), status))
                if (strncmp(line, "NSpid:", strlen("NSpid:")) == 0 &&
                    (pid_t) strtol(strrchr(line, '\t'), NULL, 10) == wanted->inside)
                        wanted->found = child;
        (void) fclose(status);
        return 0;
}

int tree_find_root(int proc, pid_t init, pid_t inside, pid_t *ret)
{
        struct wanted wanted = {.inside = inside};

        (void) each_child(proc, init, compare_inside, &wanted);
        *ret = wanted.found;
        return wanted.found > 0 ? 0 : -ESRCH;
}

int tree_list_sockets(int proc, pid_t pid, struct tree_sockets *ret)
{
        struct tree_sockets list = {0};
        int r = tree_each_descriptor(proc, pid, add_socket, &list);

        if (r < 0) {
                free(list.sockets);
                return r;
        }
        if (list.n > 0)
                qsort(list.sockets, list.n, sizeof(*list.sockets), compare);
        *ret = list;
        return 0;
}
