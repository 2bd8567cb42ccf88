// Becomes the application: session, streams, filter, credentials, directory, environment, exec; in this
// order, since each step needs a privilege that a later one gives up. A restored application never comes
// through here.
#include "application.h"

#include "adopt.h"
#include "cleanup.h"
#include "credentials.h"
#include "environment.h"
#include "filter.h"
#include "listeners.h"
#include "paths.h"
#include "runtimes.h"
#include "shelter.h"
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t count_passed(const struct init_context *context)
{
        return context->options->no_pass ? 0 : context->listeners->n;
}

static int arrange_descriptors(const struct init_context *context)
{
        size_t passed = count_passed(context);
        // Opened here, inside the new mount namespace: CRIU refuses to dump a file of a foreign mount.
        int null = open("/dev/null", O_RDONLY);

        if (null < 0)
                return -errno;
        if (null != STDIN_FILENO && (dup2(null, STDIN_FILENO) < 0 || close(null) < 0))
                return -errno;
        // dup2 clears close-on-exec, here on purpose.
        if (dup2(context->out, STDOUT_FILENO) < 0 || dup2(context->err, STDERR_FILENO) < 0)
                return -errno;
        for (size_t i = 0; i < passed; i++)
                if (fcntl(LISTENERS_FIRST + (int) i, F_SETFD, 0) < 0)
                        return -errno;
        // What else came with the fork must not reach the application, nor a dump of it.
        if (close_range(LISTENERS_FIRST + (unsigned) passed, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
                return -errno;
        return 0;
}

static int set_environment(const struct init_context *context, const struct account *account)
{
        int r;

        environment_restore();
        r = environment_pass_listeners(count_passed(context), context->listeners->names);
        // As systemd does it: only where a user is set.
        if (r >= 0 && context->options->user)
                r = environment_set_account(account);
        // What lies there on the host is nobody's.
        if (r >= 0 && context->options->seed && !context->is_plain && access(SEED_FILE, F_OK) == 0)
                r = environment_set_seed(SEED_FILE);
        if (r >= 0 && context->options->presets)
                r = runtimes_set_environment();
        return r;
}

static int change_directory(const char *directory, const struct account *account)
{
        if (!directory)
                return 0;
        return chdir(*directory == '~' ? account->home : directory) < 0 ? -errno : 0;
}

// Like execvp(3), but never hands a file to a shell.
static int execute(char **command)
{
        const char *rest = getenv("PATH");
        int error = -ENOENT;

        if (strchr(command[0], '/')) {
                (void) execv(command[0], command);
                return -errno;
        }
        for (rest = rest && *rest ? rest : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
             rest;) {
                const char *end = strchrnul(rest, ':');
                char path[PATH_MAX];
                if (snprintf(path, sizeof(path), "%.*s/%s", (int) (end - rest), rest, command[0]) <
                    (int) sizeof(path)) {
                        (void) execv(path, command);
                        if (errno != ENOENT && errno != ENOTDIR)
                                error = -errno;
                }
                rest = *end ? end + 1 : NULL;
        }
        return error;
}

static int install_filter(const struct init_context *context, int init)
{
        _cleanup_close_ int questions = FD_NONE;
        int r;

        // What it keeps from the application keeps a dump from failing, and there will be none.
        if (context->is_plain && !context->options->adopt)
                return 0;
        r = filter_install(adopt_questions(context->listeners, context->options));

        if (r < 0 || !context->options->adopt)
                return r;
        questions = r;
        return adopt_hand_over(init, questions);
}

// With the privileges that hide the sockets' files and change the account, and without them afterwards.
static int change_account(const struct init_context *context, struct account *ret_account,
                          enum phase *ret_phase)
{
        const struct options *options = context->options;
        bool changes = options->user || options->group;
        int r = 0;

        if (changes || (options->directory && *options->directory == '~'))
                r = account_find(options->user, options->group, ret_account, ret_phase);
        // A bake must not meet the sockets in use, and whoever binds may look first whether somebody is
        // there. It takes a mount, which the host must not see.
        if (r >= 0 && (options->bake || options->adopt) && !context->is_plain) {
                *ret_phase = PHASE_SHELTER;
                r = shelter_hide(context->listeners, options, ret_account);
        }
        return r >= 0 && changes ? account_become(ret_account, ret_phase) : r;
}

struct application_failure application_exec(const struct init_context *context, int init)
{
        const struct options *options = context->options;
        struct account account = {0};
        enum phase phase = PHASE_SESSION;
        int r;

        // Its own session without a controlling terminal: CRIU dumps a tree whose root leads its session.
        if (setsid() < 0)
                return (struct application_failure){PHASE_SESSION, errno};
        r = arrange_descriptors(context);
        if (r < 0)
                return (struct application_failure){PHASE_STDIO, -r};
        r = install_filter(context, init);
        if (r < 0)
                return (struct application_failure){PHASE_FILTER, -r};
        r = change_account(context, &account, &phase);
        if (r < 0)
                return (struct application_failure){phase, -r};
        r = change_directory(options->directory, &account);
        if (r < 0)
                return (struct application_failure){PHASE_DIRECTORY, -r};
        r = set_environment(context, &account);
        if (r < 0)
                return (struct application_failure){PHASE_ENVIRONMENT, -r};
        if (sigprocmask(SIG_SETMASK, &context->signal_mask, NULL) < 0)
                return (struct application_failure){PHASE_EXEC, errno};
        r = execute(options->command);
        return (struct application_failure){PHASE_EXEC, -r};
}
