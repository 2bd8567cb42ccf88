// Draws the seed and leaves it where the application looks. Knows nothing of who reads it, or when.
#include "seed.h"

#include "cleanup.h"
#include "clock.h"
#include "namespaces.h"
#include "paths.h"
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>

enum { INSTANCE_SIZE = 16, SEED_SIZE = 32, HEX_SIZE = 2 * SEED_SIZE + 1 };

static const char *hex(const uint8_t *bytes, size_t n, char ret[static HEX_SIZE])
{
        for (size_t i = 0; i < n; i++)
                (void) sprintf(ret + 2 * i, "%02x", bytes[i]);
        return ret;
}

int seed_write(void)
{
        _cleanup_close_ int fd = FD_NONE;
        uint8_t random[INSTANCE_SIZE + SEED_SIZE];
        char instance[HEX_SIZE], seed[HEX_SIZE], text[256];
        ssize_t n;
        int size, r;

        // getrandom(2): up to 256 bytes come whole, and no signal comes in between.
        if (getrandom(random, sizeof(random), 0) != (ssize_t) sizeof(random))
                return -EIO;
        r = namespaces_mount_seed();
        if (r < 0)
                return r;
        // Not O_TRUNC: the directory is new. Nothing here takes bits from the mode but the umask, which is
        // the unit's.
        fd = open(SEED_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
        if (fd < 0 || fchmod(fd, 0444) < 0)
                return -errno;
        size = snprintf(text, sizeof(text), "generation=%" PRIu64 "\ninstance=%s\nseed=%s\n",
                        clock_us(CLOCK_REALTIME), hex(random, INSTANCE_SIZE, instance),
                        hex(random + INSTANCE_SIZE, SEED_SIZE, seed));
        n = write(fd, text, (size_t) size);
        if (n < 0)
                return -errno;
        return n == size ? 0 : -EIO;
}
