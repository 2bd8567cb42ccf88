// Stands in for systemd: `activate DIR COMMAND…` binds DIR/one.sock and DIR/two.sock, which become
// descriptors 3 and 4 of COMMAND, with $LISTEN_PID, $LISTEN_FDS and $LISTEN_FDNAMES. It is one whose
// inheritable capabilities nobody has emptied, as a container's manager may start it.
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int listen_at(const char *directory, const char *name)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_STREAM, 0), r;

        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", directory, name);
        if (fd < 0)
                return -1;
        // Another one may bind it between the two.
        do {
                (void) unlink(address.sun_path);
                r = bind(fd, (struct sockaddr *) &address, sizeof(address));
        } while (r < 0 && errno == EADDRINUSE);
        return r < 0 || listen(fd, 16) < 0 ? -1 : fd;
}

static int fill_inheritable(void)
{
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct held[_LINUX_CAPABILITY_U32S_3];

        if (syscall(SYS_capget, &header, held) < 0)
                return -1;
        for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
                held[i].inheritable = held[i].permitted;
        return (int) syscall(SYS_capset, &header, held);
}

int main(int argc, char **argv)
{
        char pid[16];

        // Node leaves nothing open but the standard streams.
        if (argc < 3 || close_range(3, ~0U, 0) < 0)
                return 125;
        if (listen_at(argv[1], "one.sock") != 3 || listen_at(argv[1], "two.sock") != 4)
                return 125;
        if (fill_inheritable() < 0)
                return 125;
        (void) snprintf(pid, sizeof(pid), "%d", (int) getpid());
        if (setenv("LISTEN_PID", pid, 1) < 0 || setenv("LISTEN_FDS", "2", 1) < 0 ||
            setenv("LISTEN_FDNAMES", "web.socket:web.socket", 1) < 0)
                return 125;
        (void) execvp(argv[2], argv + 2);
        return 125;
}
