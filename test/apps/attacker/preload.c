// Loaded by LD_PRELOAD, leaves a file that is called as the user whose process it has got into.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

__attribute__((constructor)) static void leave(void)
{
        char path[64];

        (void) snprintf(path, sizeof(path), "/srv/attacker/loaded/%u", (unsigned) geteuid());
        (void) close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
}
