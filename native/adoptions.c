// Keeps what became of bind(2) in shared memory. One writer at a time, so that a counter is lock enough.
#include "adoptions.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

int adoptions_open(struct adoptions **ret)
{
        void *page =
            mmap(NULL, sizeof(struct adoptions), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

        if (page == MAP_FAILED)
                return -errno;
        *ret = page;
        return 0;
}

void adoptions_begin(struct adoptions *adoptions)
{
        for (size_t i = 0; i < LISTENERS_MAX; i++)
                adoptions->adopted[i] = false;
        adoptions->n_unnamed = 0;
        adoptions->is_asked = true;
}

bool adoptions_add_unnamed(struct adoptions *adoptions, ino_t inode, const struct address *address)
{
        size_t n = adoptions->n_unnamed;
        bool is_known = false;

        for (size_t i = 0; i < n; i++)
                is_known |= address_compare(&adoptions->unnamed[i].address, address) == ADDRESS_SAME;
        if (n == UNNAMED_MAX)
                return false;
        // Known or not, each socket is one of its own.
        adoptions->unnamed[n] = (struct unnamed){inode, *address};
        adoptions->n_unnamed = n + 1;
        return !is_known;
}
