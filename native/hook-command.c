// Runs a command beside the application. Whom it runs as is read off the application's process: a snapshot
// that was switched to may have another user than the unit had at its start.
#include "hook-command.h"

#include "application.h"
#include "cleanup.h"
#include "clock.h"
#include "credentials.h"
#include "environment.h"
#include "namespaces.h"
#include <ctype.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
        // A hook of that many bytes has no more words.
        WORDS_MAX = HOOK_MAX / 2 + 1,
        // Long enough for any process that SIGKILL ends.
        GROUP_END_US = 1000000,
};

static int parse_groups(const char *text, struct identity *ret)
{
        ret->groups = calloc(strlen(text) / 2 + 1, sizeof(*ret->groups));
        if (!ret->groups)
                return -ENOMEM;
        for (;;) {
                char *end;
                unsigned long group = strtoul(text, &end, 10);
                if (end == text)
                        return 0;
                ret->groups[ret->n_groups++] = (gid_t) group;
                text = end;
        }
}

// proc_pid_status(5): real, effective, saved and file system's. The effective ID of one that began as root
// is whom it has become. That of any other is what a set-user-ID program gave it, which its user may execute
// at any time, and must not give to a command that lies in its user's directory.
static bool read_id(const char *line, const char *name, unsigned *ret)
{
        unsigned real, effective;

        if (strncmp(line, name, strlen(name)) != 0 ||
            sscanf(line + strlen(name), "%u %u", &real, &effective) != 2)
                return false;
        *ret = real == 0 ? effective : real;
        return true;
}

static int read_identity(pid_t application, struct identity *ret)
{
        _cleanup_free_ char *line = NULL;
        size_t capacity = 0;
        char path[32];
        unsigned found = 0;
        FILE *status;

        (void) snprintf(path, sizeof(path), "/proc/%d/status", application);
        status = fopen(path, "re");
        if (!status)
                return -errno;
        while (getline(&line, &capacity, status) > 0)
                if (read_id(line, "Uid:", &ret->uid) || read_id(line, "Gid:", &ret->gid) ||
                    (strncmp(line, "Groups:", strlen("Groups:")) == 0 &&
                     parse_groups(line + strlen("Groups:"), ret) == 0))
                        found++;
        (void) fclose(status);
        return found == 3 ? 0 : -ESRCH;
}

static int set_environment(uid_t uid)
{
        struct account account = {0};
        char number[24];
        enum phase phase;

        environment_restore();
        if (uid == 0)
                return 0;
        (void) snprintf(number, sizeof(number), "%u", uid);
        // A number that stands in no list of users has no home to be told.
        return account_find(number, NULL, &account, &phase) < 0 ? 0 : environment_set_account(&account);
}

static int arrange_descriptors(void)
{
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

        // dup2 clears close-on-exec, here on purpose. Output goes where the launcher's goes.
        if (null < 0 || dup2(null, STDIN_FILENO) < 0)
                return -errno;
        return close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0 ? -errno : 0;
}

static int enter_directory(pid_t application)
{
        char path[32];

        (void) snprintf(path, sizeof(path), "/proc/%d/cwd", application);
        return chdir(path) < 0 ? -errno : 0;
}

// In place: what was encoded is never shorter.
static void decode(char *word)
{
        char *to = word;

        for (const char *from = word; *from; from++) {
                unsigned byte = (unsigned char) *from;
                // sscanf(3) by itself takes one digit, too, and blanks and signs before it.
                if (*from == '%' && isxdigit((unsigned char) from[1]) && isxdigit((unsigned char) from[2]) &&
                    sscanf(from + 1, "%2x", &byte) == 1)
                        from += 2;
                *to++ = (char) byte;
        }
        *to = '\0';
}

static void split(char *text, char *ret_words[static WORDS_MAX + 1])
{
        size_t n = 0;

        // Two blanks in a row have an empty word between them.
        for (char *word; (word = strsep(&text, " ")) && n < WORDS_MAX;) {
                decode(word);
                ret_words[n++] = word;
        }
        ret_words[n] = NULL;
}

// Everything in order, since each step needs a privilege that a later one gives up.
static struct application_failure execute(const struct hook_place *place, const char *text)
{
        char copy[HOOK_MAX + 1], *words[WORDS_MAX + 1];
        struct identity identity = {0};
        enum phase phase = PHASE_USER;
        int r;

        (void) snprintf(copy, sizeof(copy), "%s", text);
        split(copy, words);
        // Its own session and process group: by that it is killed with all that it began.
        if (setsid() < 0)
                return (struct application_failure){PHASE_SESSION, errno};
        r = arrange_descriptors();
        if (r < 0)
                return (struct application_failure){PHASE_STDIO, -r};
        r = enter_directory(place->application);
        if (r < 0)
                return (struct application_failure){PHASE_DIRECTORY, -r};
        r = read_identity(place->application, &identity);
        if (r >= 0)
                r = identity_become(&identity, &phase);
        free(identity.groups);
        if (r < 0)
                return (struct application_failure){phase, -r};
        r = set_environment(identity.uid);
        if (r < 0)
                return (struct application_failure){PHASE_ENVIRONMENT, -r};
        // prctl(2): a change of user has taken back what was set before.
        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (sigprocmask(SIG_SETMASK, place->signal_mask, NULL) < 0)
                return (struct application_failure){PHASE_EXEC, errno};
        (void) execv(words[0], words);
        return (struct application_failure){PHASE_EXEC, errno};
}

static int judge(const char *text, int status, const struct application_failure *failure,
                 struct refusal *ret)
{
        int size = (int) strcspn(text, " ");

        if (failure->error != 0)
                return refuse(ret, -1, "command-failed", "'%.*s': failed to %s: %s", size, text,
                              phase_text(failure->phase), strerror(failure->error));
        if (WIFSIGNALED(status))
                return refuse(ret, -1, "command-failed", "'%.*s' was ended by SIG%s", size, text,
                              sigabbrev_np(WTERMSIG(status)));
        if (WEXITSTATUS(status) != 0)
                return refuse(ret, -1, "command-failed", "'%.*s' ended with status %d", size, text,
                              WEXITSTATUS(status));
        return 0;
}

// Init reaps them. A dump may follow at once, and takes no process that has left the application.
static void await_end_of_group(pid_t group)
{
        for (uint64_t give_up_us = monotonic_us() + GROUP_END_US;
             kill(-group, 0) == 0 && monotonic_us() < give_up_us;)
                (void) usleep(1000);
}

// In a child of its own, for it moves into the application's mount namespace.
static int run(const struct hook_place *place, const char *text, uint64_t deadline_us, struct refusal *ret)
{
        struct application_failure failure = {0};
        struct pollfd waited = {.events = POLLIN};
        int ends[2], status = 0;
        bool has_ended;
        pid_t pid;

        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0 || namespaces_join(place->cell->pidfd) < 0)
                return refuse(ret, -1, "command-failed", "failed to enter the application's namespaces");
        pid = fork_with_pidfd(&waited.fd);
        if (pid < 0)
                return refuse(ret, -1, "command-failed", "failed to fork: %s", strerror(-pid));
        if (pid == 0) {
                failure = execute(place, text);
                (void) !write(ends[1], &failure, sizeof(failure));
                _exit(EXIT_STATUS_FAILED);
        }
        has_ended = poll(&waited, 1, ms_until(deadline_us)) > 0;
        // The number is its own until it is reaped. It may not have had its session yet.
        (void) kill(-pid, SIGKILL);
        (void) kill(pid, SIGKILL);
        (void) waitpid(pid, &status, 0);
        await_end_of_group(pid);
        if (read(ends[0], &failure, sizeof(failure)) != sizeof(failure))
                failure = (struct application_failure){0};
        if (!has_ended)
                return refuse(ret, -1, "command-failed", "'%.*s' did not end in time",
                              (int) strcspn(text, " "), text);
        return judge(text, status, &failure, ret);
}

int hook_command(const struct hook_place *place, const char *text, uint64_t deadline_us,
                 struct refusal *ret_refusal)
{
        int ends[2], status = 0;
        ssize_t n;
        pid_t pid;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return refuse(ret_refusal, -1, "command-failed", "failed to make a pipe: %s",
                              strerror(errno));
        pid = fork();
        if (pid == 0) {
                struct refusal refusal;
                int r = run(place, text, deadline_us, &refusal);
                if (r < 0)
                        (void) !write(ends[1], &refusal, sizeof(refusal));
                _exit(r < 0 ? EXIT_STATUS_FAILED : EXIT_STATUS_OK);
        }
        (void) close(ends[1]);
        // The code is text of this program, and lies at the same place in the child.
        n = pid < 0 ? -1 : read(ends[0], ret_refusal, sizeof(*ret_refusal));
        (void) close(ends[0]);
        if (n == (ssize_t) sizeof(*ret_refusal)) {
                (void) waitpid(pid, NULL, 0);
                return -1;
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
                return refuse(ret_refusal, -1, "command-failed", "the launcher could not wait for it");
        return 0;
}
