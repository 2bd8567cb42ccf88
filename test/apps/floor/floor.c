/*
 * The least that can stand behind a .socket: takes the one listening socket, answers one HTTP request, ends.
 * What it costs from connect to first byte is what systemd itself costs; nothing behind a .socket can be
 * faster.
 */
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_PASSED_FD = 3 };

static const char answer[] = "HTTP/1.1 200 OK\r\n"
                             "Content-Type: text/plain\r\n"
                             "Content-Length: 6\r\n"
                             "Connection: close\r\n"
                             "\r\n"
                             "floor\n";

int main(void)
{
        char request[4096];
        int connection = accept(FIRST_PASSED_FD, NULL, NULL);

        if (connection < 0)
                return 1;
        if (read(connection, request, sizeof request) <= 0)
                return 1;
        return write(connection, answer, sizeof answer - 1) == sizeof answer - 1 ? 0 : 1;
}
