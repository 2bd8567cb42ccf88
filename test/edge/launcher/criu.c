// Stands in for criu where there is none. What it does stands in the file `do` of its images directory:
// `succeed` makes PID 2, a child of its parent's, that is /bin/sh with the file `script` and the inherited
// descriptors as its standard output, error and 3…, and the last of the files as 9; `wait` does so once
// somebody writes to the FIFO `go` there; `fail` leaves an error in the log, `repeat` several, again and
// again and at great length, `lack` one that speaks of the host, and `crash` none; `hang` never
// returns, and `toil` does as `succeed` after a third of a second of a processor's time. Its
// arguments go to the file `arguments` of the work directory. A dump leaves an image, waits for `go` if
// there is one, and kills PID 2.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const char *value_of(char **argv, const char *option)
{
        for (; *argv; argv++)
                if (strcmp(*argv, option) == 0)
                        return argv[1];
        return "";
}

static int has(char **argv, const char *option)
{
        for (; *argv; argv++)
                if (strcmp(*argv, option) == 0)
                        return 1;
        return 0;
}

static FILE *open_in(const char *directory, const char *name, const char *mode)
{
        char path[4096];

        (void) snprintf(path, sizeof(path), "%s/%s", directory, name);
        return fopen(path, mode);
}

static void write_text(const char *directory, const char *name, const char *text)
{
        FILE *file = open_in(directory, name, "w");

        if (!file || fputs(text, file) < 0 || fclose(file) != 0)
                exit(1);
}

static int toil(void)
{
        struct timespec spent;

        do
                if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent) < 0)
                        return -1;
        while (spent.tv_sec == 0 && spent.tv_nsec < 300 * 1000 * 1000);
        return 0;
}

static int await_go(const char *images)
{
        FILE *go = open_in(images, "go", "r");
        char byte;

        return go && fread(&byte, 1, 1, go) == 1 ? 0 : -1;
}

static void record_arguments(char **argv)
{
        FILE *file = open_in(value_of(argv, "--work-dir"), "arguments", "w");

        if (!file)
                exit(1);
        for (; *argv; argv++)
                (void) fprintf(file, "%s\n", *argv);
        (void) fclose(file);
}

// The --inherit-fd options come in the order: listeners, standard output, standard error, files.
static void become_application(char **argv, const char *images)
{
        int inherited[64], file = -1, n = 0;
        char script[4096];

        for (; *argv; argv++)
                if (strcmp(*argv, "--inherit-fd") == 0 && strstr(argv[1], "]:run/"))
                        (void) sscanf(argv[1], "fd[%d]:", &file);
                else if (strcmp(*argv, "--inherit-fd") == 0 &&
                         sscanf(argv[1], "fd[%d]:", &inherited[n]) == 1)
                        n++;
        if (file >= 0 && dup2(file, 9) < 0)
                _exit(126);
        if (n < 2 || dup2(inherited[n - 2], 1) < 0 || dup2(inherited[n - 1], 2) < 0)
                _exit(126);
        (void) setsid();
        (void) snprintf(script, sizeof(script), "%s/script", images);
        (void) execl("/bin/sh", "sh", script, (char *) NULL);
        _exit(127);
}

static int restore(char **argv, const char *images)
{
        FILE *last_pid = fopen("/proc/sys/kernel/ns_last_pid", "w");
        long pid;

        if (!last_pid || fputs("1", last_pid) < 0 || fclose(last_pid) != 0)
                return 1;
        pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
        if (pid == 0)
                become_application(argv, images);
        return pid == 2 ? 0 : 1;
}

static void say_again_and_again(const char *work)
{
        FILE *log = open_in(work, "restore.log", "w");

        if (!log)
                exit(1);
        for (int i = 1; i <= 4; i++)
                (void) fprintf(log, "(00.00000%d) Error (fake/criu.c:1): it was told to fail\n", i);
        for (int i = 1; i <= 4; i++)
                (void) fprintf(log, "(00.00001%d) Error (fake/criu.c:2): it was told so\n", i);
        (void) fprintf(log, "(00.000020) Error (fake/criu.c:3): ");
        for (int i = 0; i < 500; i++)
                (void) fputs("ö", log);
        (void) fputs("\n", log);
        if (fclose(log) != 0)
                exit(1);
}

int main(int, char **argv)
{
        const char *images = value_of(argv, "--images-dir"), *work = value_of(argv, "--work-dir");
        char what[16] = "";
        FILE *file;

        if (argv[1] && strcmp(argv[1], "check") == 0)
                return 0;
        record_arguments(argv);
        if (argv[1] && strcmp(argv[1], "dump") == 0) {
                write_text(images, "core-2.img", "");
                await_go(images);
                return has(argv, "--leave-running") || kill(2, SIGKILL) == 0 ? 0 : 1;
        }
        file = open_in(images, "do", "r");
        if (!file || !fgets(what, sizeof(what), file))
                return 1;
        if (strcmp(what, "succeed") == 0)
                return restore(argv, images);
        if (strcmp(what, "wait") == 0)
                return await_go(images) == 0 ? restore(argv, images) : 1;
        if (strcmp(what, "toil") == 0)
                return toil() == 0 ? restore(argv, images) : 1;
        if (strcmp(what, "hang") == 0)
                for (;;)
                        (void) pause();
        if (strcmp(what, "crash") == 0)
                abort();
        if (strcmp(what, "repeat") == 0)
                say_again_and_again(work);
        else if (strcmp(what, "lack") == 0)
                write_text(
                    work, "restore.log",
                    "(00.000001) Error (fake/criu.c:1): Can't fork: Resource temporarily unavailable\n");
        else
                write_text(work, "restore.log", "(00.000001) Error (fake/criu.c:1): it was told to fail\n");
        return 1;
}
