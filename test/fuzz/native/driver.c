// Stands in for libFuzzer where there is no clang: damages the files of folders by a seed, so often, and
// always the same way. `PROGRAM -seed=N -runs=N FOLDER…`; other options are libFuzzer's and mean nothing
// here.
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SEEDS_MAX = 64, INPUT_MAX = 16384 };

struct input {
        uint8_t bytes[INPUT_MAX];
        size_t size;
};

static struct input seeds[SEEDS_MAX];
static size_t n_seeds;
static uint64_t state;

// xorshift64*
static uint64_t below(uint64_t limit)
{
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return limit > 0 ? (state * 0x2545f4914f6cdd1dU >> 11) % limit : 0;
}

static void read_folder(const char *path)
{
        DIR *folder = opendir(path);

        if (!folder)
                err(EXIT_FAILURE, "%s", path);
        for (struct dirent *entry; (entry = readdir(folder)) && n_seeds < SEEDS_MAX;) {
                struct input *seed = &seeds[n_seeds];
                ssize_t n;
                int fd = openat(dirfd(folder), entry->d_name, O_RDONLY | O_CLOEXEC);
                if (fd < 0)
                        err(EXIT_FAILURE, "%s", entry->d_name);
                n = read(fd, seed->bytes, sizeof(seed->bytes));
                (void) close(fd);
                // A directory is not read.
                if (n < 0)
                        continue;
                seed->size = (size_t) n;
                n_seeds++;
        }
        (void) closedir(folder);
}

static void put(struct input *input, size_t at, size_t removed, const uint8_t *bytes, size_t size)
{
        if (at > input->size)
                at = input->size;
        if (removed > input->size - at)
                removed = input->size - at;
        if (input->size - removed + size > INPUT_MAX)
                return;
        memmove(input->bytes + at + size, input->bytes + at + removed, input->size - at - removed);
        memcpy(input->bytes + at, bytes, size);
        input->size += size - removed;
}

static void damage(struct input *input)
{
        static const uint8_t interesting[] = "\0\1\t\n\r\x1b \"%=[]\\\x7f\x80\x9b\xc2\xff,:./-0199";
        uint8_t part[256];
        size_t at = below(input->size + 1), size = 1 + below(below(4) == 0 ? sizeof(part) : 8);

        switch (below(6)) {
        case 0:
                if (at < input->size)
                        input->bytes[at] ^= (uint8_t) (1U << below(8));
                return;
        case 1:
                put(input, at, below(2), &interesting[below(sizeof(interesting))], 1);
                return;
        case 2:
                put(input, at, size, part, 0);
                return;
        case 3:
                memset(part, (int) below(256), sizeof(part));
                put(input, at, 0, part, size);
                return;
        case 4: {
                // A part of this seed or of another.
                const struct input *from = &seeds[below(n_seeds)];
                size_t start = below(from->size + 1);
                if (size > from->size - start)
                        size = from->size - start;
                memcpy(part, from->bytes + start, size);
                put(input, at, below(2) ? size : 0, part, size);
                return;
        }
        default:
                input->size = below(8) == 0 ? at : input->size;
        }
}

int main(int argc, char **argv)
{
        unsigned long long runs = 0, seconds = 0, done = 0;
        time_t begun = time(NULL);

        state = 1;
        for (int i = 1; i < argc; i++) {
                unsigned long long seed;
                if (sscanf(argv[i], "-seed=%llu", &seed) == 1)
                        // A state of zero stays zero.
                        state = seed * 2 + 1;
                else if (sscanf(argv[i], "-runs=%llu", &runs) != 1 &&
                         sscanf(argv[i], "-max_total_time=%llu", &seconds) != 1 && *argv[i] != '-')
                        read_folder(argv[i]);
        }
        if (n_seeds == 0)
                errx(EXIT_FAILURE, "no seeds");
        for (size_t i = 0; i < n_seeds; i++)
                (void) LLVMFuzzerTestOneInput(seeds[i].bytes, seeds[i].size);
        while (runs > 0 ? done < runs : time(NULL) - begun < (time_t) seconds) {
                static struct input input;
                input = seeds[below(n_seeds)];
                for (size_t left = 1 + below(8); left > 0; left--)
                        damage(&input);
                (void) LLVMFuzzerTestOneInput(input.bytes, input.size);
                done++;
        }
        printf("%llu inputs, no finding\n", done);
        return EXIT_SUCCESS;
}
