// Owns capget(2) and capset(2), which have no wrapper in the C library. Knows of no process but its own.
#include "capabilities.h"

#include <errno.h>
#include <linux/capability.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static int change(uint64_t kept)
{
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct held[_LINUX_CAPABILITY_U32S_3];

        if (syscall(SYS_capget, &header, held) < 0)
                return -errno;
        for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
                uint32_t mask = (uint32_t) (kept >> (32 * i));
                held[i].permitted &= mask;
                held[i].effective &= mask;
                held[i].inheritable = 0;
        }
        return syscall(SYS_capset, &header, held) < 0 ? -errno : 0;
}

int capabilities_keep(uint64_t set)
{
        return change(set);
}

int capabilities_drop_inheritable(void)
{
        return change(UINT64_MAX);
}
