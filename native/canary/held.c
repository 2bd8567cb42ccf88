// Makes one of each thing that applications hold, and uses it whenever it is asked. Knows nothing of sockets
// and requests.
#include "held.h"

#include "answerers.h"
#include <errno.h>
#include <linux/io_uring.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

// Enough for some runs of pages that are mapped; few enough to be dumped at once.
enum {
        WORDS = 8 * 1024 * 1024 / sizeof(uint64_t),
        HOUR = 60 * 60,
        SOON_NS = 10 * 1000 * 1000,
        WAIT_MS = 1000
};

static const char letter[] = "what was written before the dump";

static struct {
        uint64_t *memory;
        int letters[2]; // a pipe with the letter in it
        int alarm;      // a timerfd
        int watch;      // an epoll instance that waits for it
        timer_t timer;
} held;

// Differs in every word, so that no page looks like another.
static uint64_t word_at(size_t index)
{
        return (index + 1) * 0x9e3779b97f4a7c15ULL;
}

static int begin_memory(void)
{
        held.memory = malloc(WORDS * sizeof(uint64_t));
        if (!held.memory)
                return -ENOMEM;
        for (size_t i = 0; i < WORDS; i++)
                held.memory[i] = word_at(i);
        return 0;
}

static const char *check_memory(void)
{
        for (size_t i = 0; i < WORDS; i++)
                if (held.memory[i] != word_at(i))
                        return "a word of the memory has changed";
        return NULL;
}

static int begin_pipe(void)
{
        if (pipe(held.letters) < 0)
                return -errno;
        return write(held.letters[1], letter, sizeof(letter)) == sizeof(letter) ? 0 : -EIO;
}

static const char *check_pipe(void)
{
        char found[sizeof(letter)] = "";

        if (read(held.letters[0], found, sizeof(found)) != sizeof(found) ||
            memcmp(found, letter, sizeof(letter)) != 0)
                return "what was in the pipe is not in it";
        return write(held.letters[1], letter, sizeof(letter)) == sizeof(letter) ? NULL
                                                                                : "it cannot be written to";
}

static int begin_epoll(void)
{
        struct epoll_event event = {.events = EPOLLIN, .data.u64 = word_at(0)};

        held.alarm = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
        held.watch = epoll_create1(0);
        if (held.alarm < 0 || held.watch < 0)
                return -errno;
        return epoll_ctl(held.watch, EPOLL_CTL_ADD, held.alarm, &event) < 0 ? -errno : 0;
}

// The alarm rings, and who was told to watch it hears that.
static const char *check_epoll(void)
{
        const struct itimerspec soon = {.it_value.tv_nsec = SOON_NS};
        struct epoll_event event = {0};
        uint64_t rings;
        int n;

        if (timerfd_settime(held.alarm, 0, &soon, NULL) < 0)
                return "the timerfd cannot be set";
        do
                n = epoll_wait(held.watch, &event, 1, WAIT_MS);
        while (n < 0 && errno == EINTR);
        if (n != 1 || event.data.u64 != word_at(0))
                return "epoll does not tell that the timerfd rang";
        return read(held.alarm, &rings, sizeof(rings)) == sizeof(rings) ? NULL
                                                                        : "the timerfd cannot be read";
}

static int begin_timer(void)
{
        const struct itimerspec later = {.it_value.tv_sec = HOUR, .it_interval.tv_sec = HOUR};
        struct sigevent nobody = {.sigev_notify = SIGEV_NONE};

        if (timer_create(CLOCK_MONOTONIC, &nobody, &held.timer) < 0)
                return -errno;
        return timer_settime(held.timer, 0, &later, NULL) < 0 ? -errno : 0;
}

static const char *check_timer(void)
{
        struct itimerspec left;

        if (timer_gettime(held.timer, &left) < 0)
                return "the timer is gone";
        return left.it_value.tv_sec > 0 && left.it_interval.tv_sec == HOUR ? NULL : "the timer does not run";
}

// io_uring(7) cannot be dumped, and whoever asks for it must hear that there is none.
static const char *check_io_uring(void)
{
        struct io_uring_params params = {0};
        long fd = syscall(SYS_io_uring_setup, 1, &params);

        if (fd >= 0) {
                (void) close((int) fd);
                return "io_uring_setup() is not refused";
        }
        return errno == ENOSYS ? NULL : "io_uring_setup() is refused with another error than ENOSYS";
}

int held_begin(void)
{
        int (*const begin[])(void) = {begin_memory, begin_pipe,  begin_epoll,
                                      begin_timer,  begin_child, begin_thread};
        int r = 0;

        for (size_t i = 0; r == 0 && i < sizeof(begin) / sizeof(begin[0]); i++)
                r = begin[i]();
        return r;
}

void held_tell(FILE *to)
{
        static const struct {
                const char *name;
                const char *(*check)(void);
        } things[] = {
            {"memory", check_memory},     {"pipe", check_pipe},   {"epoll", check_epoll},
            {"timer", check_timer},       {"child", check_child}, {"thread", check_thread},
            {"io-uring", check_io_uring},
        };

        for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
                const char *fault = things[i].check();
                (void) fprintf(to, "%s=%s\n", things[i].name, fault ? fault : "ok");
        }
}
