/*
 * Fills memory when it boots, and afterwards looks whether it is still what it should be, while it does with
 * it whatever allocators and programs do. Each path of an HTTP request is one such thing; the answer is a
 * line, and its status 500 where a byte was wrong. Knows nothing of snapshots.
 */
#include "memory.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_PASSED_FD = 3 };

bool are_whole(void)
{
        return region_is_whole() && blocks_are_whole();
}

static const struct {
        const char *path;
        bool (*run)(void);
} things[] = {
    {"/whole", are_whole},
    {"/rounds", play_rounds},
    {"/zeros", ask_for_zeros},
    {"/discard", discard_now},
    {"/discard-lazily", discard_lazily},
    {"/fork", share_with_child},
    {"/protect", protect},
    {"/move", move},
    {"/unmap", unmap},
    {"/break", grow_break},
};

static void answer(int connection, const char *path)
{
        char text[512];
        bool done = false;
        int size;

        *said = '\0';
        for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++)
                if (strcmp(things[i].path, path) == 0)
                        done = things[i].run();
        if (done && !*said)
                (void) snprintf(said, sizeof(said), "whole");
        size = snprintf(text, sizeof(text),
                        "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
                        "Connection: close\r\n\r\n%s\n",
                        done ? "200 OK" : "500 Wrong", strlen(said) + 1, said);
        (void) !write(connection, text, (size_t) size);
}

int main(void)
{
        (void) signal(SIGPIPE, SIG_IGN);
        if (!begin_region() || !begin_blocks())
                return 1;
        for (;;) {
                char request[4096] = "", path[64] = "";
                int connection = accept(FIRST_PASSED_FD, NULL, NULL);
                if (connection < 0)
                        return 1;
                if (read(connection, request, sizeof(request) - 1) > 0 &&
                    sscanf(request, "%*15s %63s", path) == 1)
                        answer(connection, path);
                (void) close(connection);
        }
}
