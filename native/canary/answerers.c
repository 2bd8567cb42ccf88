// A thread and a child process that answer whatever they are asked, by a pair of stream sockets each.
#include "answerers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAIT_SEC = 1 };

static int to_thread, to_child;

static uint8_t answer_to(uint8_t question)
{
        return question ^ UINT8_MAX;
}

static void *answer(void *socket)
{
        int fd = (int) (intptr_t) socket;

        for (uint8_t question; read(fd, &question, 1) == 1;) {
                uint8_t told = answer_to(question);
                if (write(fd, &told, 1) != 1)
                        break;
        }
        return NULL;
}

static const char *ask(int socket)
{
        const struct timeval patience = {.tv_sec = WAIT_SEC};
        static uint8_t question;
        uint8_t told;

        question++;
        if (setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
            write(socket, &question, 1) != 1)
                return "it cannot be asked";
        return read(socket, &told, 1) == 1 && told == answer_to(question) ? NULL : "it does not answer";
}

int begin_thread(void)
{
        pthread_t thread;
        int ends[2];

        if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
                return -errno;
        to_thread = ends[0];
        return -pthread_create(&thread, NULL, answer, (void *) (intptr_t) ends[1]);
}

const char *check_thread(void)
{
        return ask(to_thread);
}

int begin_child(void)
{
        int ends[2];
        pid_t child;

        if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
                return -errno;
        child = fork();
        if (child < 0)
                return -errno;
        if (child == 0) {
                (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void) close(ends[0]);
                (void) answer((void *) (intptr_t) ends[1]);
                _exit(EXIT_SUCCESS);
        }
        (void) close(ends[1]);
        to_child = ends[0];
        return 0;
}

const char *check_child(void)
{
        return ask(to_child);
}
