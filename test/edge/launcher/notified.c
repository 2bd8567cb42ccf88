// Stands in for systemd's end of sd_notify(3): `notified PATH` prints each datagram that arrives at PATH.
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
        char text[4096];

        if (argc != 2 || strlen(argv[1]) >= sizeof(address.sun_path))
                return 1;
        (void) strcpy(address.sun_path, argv[1]);
        if (fd < 0 || bind(fd, (struct sockaddr *) &address, sizeof(address)) < 0)
                return 1;
        (void) dprintf(STDOUT_FILENO, "listening\n");
        for (ssize_t n; (n = read(fd, text, sizeof(text))) > 0;)
                (void) dprintf(STDOUT_FILENO, "%.*s\n", (int) n, text);
        return 0;
}
