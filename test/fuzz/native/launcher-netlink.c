// The kernel's list of UNIX sockets, in which everybody has names: read within the message.
#include "../../../native/unix-diag.c"

#include <stdbool.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
        if (!holds)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct list list = {0};
        int ends[2];

        must(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
        if (size > 0 && size <= MESSAGE_MAX && send(ends[0], data, size, 0) == (ssize_t) size)
                (void) receive(ends[1], &list);
        for (size_t i = 0; i < list.n; i++)
                must(strnlen(list.sockets[i].name, UNIX_NAME_MAX + 1) <= UNIX_NAME_MAX);
        free(list.sockets);
        (void) close(ends[0]);
        (void) close(ends[1]);
        return 0;
}
