// Binds a UNIX socket to the path of its command line as 32-bit programs do, by bind(2) or by socketcall(2),
// and says whether it listens already. Any program may make calls of i386 (int 0x80), if its memory lies low
// enough for them.
#include <errno.h>
#include <linux/net.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { BIND = 361, SOCKETCALL = 102 };

struct low {
        struct sockaddr_un address;
        uint32_t arguments[3];
};

static long call(long number, uint64_t one, uint64_t two, uint64_t three)
{
        long result;

        __asm__ volatile("int $0x80"
                         : "=a"(result)
                         : "a"(number), "b"(one), "c"(two), "d"(three)
                         : "memory", "r8", "r9", "r10", "r11");
        return (int) result;
}

int main(int argc, char **argv)
{
        struct low *low =
            mmap(NULL, sizeof(*low), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
        int fd = socket(AF_UNIX, SOCK_STREAM, 0), listens = 0;
        long r;

        if (argc != 3 || low == MAP_FAILED || fd < 0)
                return 1;
        low->address.sun_family = AF_UNIX;
        (void) snprintf(low->address.sun_path, sizeof(low->address.sun_path), "%s", argv[2]);
        low->arguments[0] = (uint32_t) fd;
        low->arguments[1] = (uint32_t) (uintptr_t) &low->address;
        low->arguments[2] = sizeof(low->address);
        r = strcmp(argv[1], "bind") == 0
                ? call(BIND, low->arguments[0], low->arguments[1], low->arguments[2])
                : call(SOCKETCALL, SYS_BIND, (uintptr_t) low->arguments, 0);
        (void) getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &(socklen_t){sizeof(listens)});
        (void) printf("%s, %s\n", r == 0 ? "bound" : strerror((int) -r),
                      listens ? "listens" : "does not listen");
        return 0;
}
