// grenadine-launch: what the units execute. Takes the application's variables out of the sight of the
// launcher and of everything that it is linked with, and becomes the launcher. EnvironmentFile= may belong
// to the application's user, and ld.so(8) would load with root's rights what LD_PRELOAD= names there. Hence
// static: no loader looks at the environment before this does. And what such a file says in systemd's name
// is put right. It decides nothing else.
#include "../set-apart.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
        EXIT_NOT_EXECUTED = 127,
        FIRST_PASSED_FD = 3,
        TRUTH_MAX = 64, // of NAME=VALUE
};

// What sd_notify(3) and sd_listen_fds(3) go by, as it is.
enum { NOTIFY_SOCKET, LISTEN_PID, LISTEN_FDS, LISTEN_PIDFDID, N_TRUTHS };

struct truths {
        char variables[N_TRUTHS][TRUTH_MAX]; // nothing behind the equals sign: there is none
};

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

// systemd closes all but what it passes, which has no gaps.
static unsigned count_passed(void)
{
        unsigned n = 0;

        while (fcntl(FIRST_PASSED_FD + (int) n, F_GETFD) >= 0)
                n++;
        return n;
}

static void append_number(char *text, unsigned number)
{
        char digits[3 * sizeof(number)];
        size_t n = 0;

        for (text += strlen(text); number > 0; number /= 10)
                digits[n++] = (char) ('0' + number % 10);
        while (n > 0)
                *text++ = digits[--n];
        *text = '\0';
}

static void find_truths(struct truths *ret)
{
        *ret = (struct truths){{
            [NOTIFY_SOCKET] = "NOTIFY_SOCKET=/run/systemd/notify",
            [LISTEN_PID] = "LISTEN_PID=",
            [LISTEN_FDS] = "LISTEN_FDS=",
            // Says of the PID what need not be asked here.
            [LISTEN_PIDFDID] = "LISTEN_PIDFDID=",
        }};
        append_number(ret->variables[LISTEN_PID], (unsigned) getpid());
        append_number(ret->variables[LISTEN_FDS], count_passed());
}

// systemd.exec(5): EnvironmentFile= comes last, so that its line is all that is left of what systemd has
// said itself. Returns what to say in the place of a variable, NULL for nothing.
static char *correct(struct truths *truths, char *variable)
{
        for (size_t i = 0; i < N_TRUTHS; i++) {
                char *truth = truths->variables[i], *value = strchr(truth, '=') + 1;
                if (strncmp(variable, truth, (size_t) (value - truth)) == 0)
                        return *value ? truth : NULL;
        }
        return variable;
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

static void set_environment(char **environment, struct truths *truths)
{
        char **to = environment;

        for (char **from = environment; *from; from++) {
                char *variable = correct(truths, *from);
                if (!variable)
                        continue;
                if (*variable && !is_for_launcher(variable))
                        *variable |= (char) SET_APART;
                *to++ = variable;
        }
        *to = NULL;
}

int main(int, char **argv, char **environment)
{
        char launcher[PATH_MAX];
        struct truths truths;
        int r = find_launcher(launcher);

        find_truths(&truths);
        set_environment(environment, &truths);
        if (r >= 0) {
                (void) execve(launcher, argv, environment);
                r = -errno;
        }
        complain(strerrordesc_np(-r));
        return EXIT_NOT_EXECUTED;
}
