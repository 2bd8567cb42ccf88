// The seccomp filter of a cold boot.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum filter_questions {
        QUESTIONS_NONE,
        QUESTIONS_BIND,
        QUESTIONS_BIND_AND_UNLINK,
};

// From here on io_uring_setup(2) fails with ENOSYS, in this process and its descendants, and each call of
// theirs that is in question waits for an answer from whoever reads the descriptor that this returns; 0 with
// QUESTIONS_NONE. Or -errno. Needs CAP_SYS_ADMIN.
int filter_install(enum filter_questions questions);

// A call that waits: bind(2), or unlink(2) in either form.
struct question {
        uint64_t id;
        pid_t thread;
        enum { QUESTION_BIND, QUESTION_UNLINK } kind;
        int fd;           // to be bound; AT_FDCWD or where a relative path begins
        uint64_t address; // in its memory: of the address or the path
        uint64_t size;    // of the address
};

// Blocks. Returns 0 or -errno.
int filter_receive(int questions, struct question *ret);

// Does it wait still? If so, what was read of it by its number is its own.
bool filter_is_waiting(int questions, const struct question *question);

// Puts a descriptor of ours in the place of the one that was to be bound. Returns 0 or -errno.
int filter_replace(int questions, const struct question *question, int with, bool close_on_exec);

// Lets it go on: with success, or to the kernel.
void filter_answer(int questions, const struct question *question, bool is_done);
