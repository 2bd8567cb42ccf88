// The seccomp filter of a cold boot.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// From here on io_uring_setup(2) fails with ENOSYS, in this process and its descendants, and with
// `questions_bind` each bind(2) of theirs waits for an answer from whoever reads the descriptor that this
// returns; without it returns 0. Or -errno. Needs CAP_SYS_ADMIN.
int filter_install(bool questions_bind);

// A bind(2) that waits.
struct bind_question {
        uint64_t id;
        pid_t thread;
        int fd;
        uint64_t address; // in its memory
        uint64_t size;
};

// Blocks. Returns 0 or -errno.
int filter_receive(int questions, struct bind_question *ret);

// Does it wait still? If so, what was read of it by its number is its own.
bool filter_is_waiting(int questions, const struct bind_question *question);

// Puts a descriptor of ours in the place of the one that was to be bound. Returns 0 or -errno.
int filter_replace(int questions, const struct bind_question *question, int with, bool close_on_exec);

// Lets it go on: with success, or to the kernel.
void filter_answer(int questions, const struct bind_question *question, bool is_done);
