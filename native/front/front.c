// grenadine-launch: what the units execute. Takes the application's variables out of the sight of the
// launcher and of everything that it is linked with, and becomes the launcher. EnvironmentFile= may belong
// to the application's user, and ld.so(8) would load with root's rights what LD_PRELOAD= names there. Hence
// static: no loader looks at the environment before this does. It decides nothing else.
#include "../set-apart.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { EXIT_NOT_EXECUTED = 127 };

// What systemd tells the process that it starts (systemd.exec(5)); the launcher is for that what any service
// is. It goes no further: of another process it would be wrong.
static bool is_for_launcher(const char *variable)
{
        static const char *const names[] = {
            "CREDENTIALS_DIRECTORY",
            "FDSTORE",
            "INVOCATION_ID",
            "JOURNAL_STREAM",
            "LISTEN_FDNAMES",
            "LISTEN_FDS",
            "LISTEN_PID",
            "LISTEN_PIDFDID",
            "MAINPID",
            "MAINPIDFDID",
            "MANAGERPID",
            "MANAGERPIDFDID",
            "MEMORY_PRESSURE_WATCH",
            "MEMORY_PRESSURE_WRITE",
            "NOTIFY_SOCKET",
            "REMOTE_ADDR",
            "REMOTE_PORT",
            "SYSTEMD_EXEC_PID",
            "TRIGGER_PATH",
            "TRIGGER_UNIT",
            "WATCHDOG_PID",
            "WATCHDOG_USEC",
        };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                size_t length = strlen(names[i]);
                if (strncmp(variable, names[i], length) == 0 && variable[length] == '=')
                        return true;
        }
        return false;
}

// Beside the front, wherever that is: /proc/self/exe is the kernel's word, $PATH and argv are not.
static int find_launcher(char ret[static PATH_MAX])
{
        static const char name[] = "grenadine-launcher";
        ssize_t n = readlink("/proc/self/exe", ret, PATH_MAX - sizeof(name));
        char *end;

        if (n < 0)
                return -errno;
        ret[n] = '\0';
        end = strrchr(ret, '/');
        if (!end)
                return -ENOENT;
        (void) strcpy(end + 1, name);
        return 0;
}

// No stdio: what is not linked need not be mapped at each start.
static void complain(const char *why)
{
        // As sd-daemon(3) has the level of a line.
        static const char what[] = "<3>Failed to execute the launcher: ";
        struct iovec parts[] = {
            {(char *) what, sizeof(what) - 1}, {(char *) why, strlen(why)}, {(char[]){'\n'}, 1}};

        (void) !writev(STDERR_FILENO, parts, sizeof(parts) / sizeof(parts[0]));
}

int main(int, char **argv, char **environment)
{
        char launcher[PATH_MAX];
        int r = find_launcher(launcher);

        for (char **variable = environment; *variable; variable++)
                if (**variable && !is_for_launcher(*variable))
                        **variable |= (char) SET_APART;
        if (r >= 0) {
                (void) execve(launcher, argv, environment);
                r = -errno;
        }
        complain(strerrordesc_np(-r));
        return EXIT_NOT_EXECUTED;
}
