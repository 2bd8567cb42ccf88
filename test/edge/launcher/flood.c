// Writes to the pipe of its command line for ever, and faster than anybody reads: the pipe is made as large
// as an ordinary user may make it.
#include <fcntl.h>
#include <unistd.h>

enum { PIPE_SIZE = 1 << 20 };

int main(int argc, char **argv)
{
        static char lines[PIPE_SIZE / 2];
        int pipe = argc == 2 ? open(argv[1], O_WRONLY) : -1;

        if (pipe < 0 || fcntl(pipe, F_SETPIPE_SZ, PIPE_SIZE) < 0)
                return 1;
        for (size_t i = 0; i < sizeof(lines); i++)
                lines[i] = i % 2 ? '\n' : 'y';
        while (write(pipe, lines, sizeof(lines)) > 0)
                ;
        return 1;
}
