// Parses the text of a plan, strictly: what is unknown, repeated, out of range or missing refuses the whole.
// No I/O.
#include "plan.h"

#include "options.h"
#include "plan-lists.h"
#include "span.h"
#include <errno.h>
#include <signal.h>
#include <string.h>

static int parse_application(struct span value, struct plan *plan)
{
        if (!application_name_is_valid(value.at, value.size))
                return -EBADMSG;
        return span_word(value, plan->application, sizeof(plan->application));
}

static int parse_snapshot(struct span value, struct plan *plan)
{
        if (!hex_is_valid(value.at, value.size, SNAPSHOT_ID_LENGTH))
                return -EBADMSG;
        return span_word(value, plan->snapshot, sizeof(plan->snapshot));
}

static int parse_configuration(struct span value, struct plan *plan)
{
        if (!hex_is_valid(value.at, value.size, CONFIGURATION_LENGTH))
                return -EBADMSG;
        return span_word(value, plan->configuration, sizeof(plan->configuration));
}

static int parse_kernel(struct span value, struct plan *plan)
{
        return span_word(value, plan->kernel, sizeof(plan->kernel));
}

// SIZE:MTIME [uncalled]
static int parse_criu(struct span value, struct plan *plan)
{
        struct span size = span_take(&value, ':');
        bool has_word = memchr(value.at, ' ', value.size) != NULL;
        struct span mtime = span_take(&value, ' ');
        int r = span_number(size, 1, INT64_MAX, &plan->criu_size);

        if (r == 0)
                r = span_number(mtime, 0, INT64_MAX, &plan->criu_mtime);
        if (r == 0 && has_word && !span_is(value, "uncalled"))
                r = -EBADMSG;
        plan->restore.does_without = has_word;
        return r;
}

// PATH TARGET
static int parse_release(struct span value, struct plan *plan)
{
        struct span path = span_take(&value, ' ');
        int r = span_path(path, plan->release_path, sizeof(plan->release_path));

        return r < 0 ? r : span_path(value, plan->release_target, sizeof(plan->release_target));
}

static int parse_pid(struct span value, struct plan *plan)
{
        return span_int(value, 2, 1 << 22, &plan->restore.pid);
}

static int parse_pid_floor(struct span value, struct plan *plan)
{
        return span_int(value, 2, 1 << 22, &plan->restore.pid_floor);
}

static int parse_stdout(struct span value, struct plan *plan)
{
        return span_u32(value, 1, UINT32_MAX, &plan->restore.stdout_inode);
}

static int parse_stderr(struct span value, struct plan *plan)
{
        return span_u32(value, 1, UINT32_MAX, &plan->restore.stderr_inode);
}

static int parse_deadline(struct span value, struct plan *plan)
{
        return span_u32(value, 1, 600000, &plan->restore.deadline_ms);
}

static int parse_memory(struct span value, struct plan *plan)
{
        plan->restore.is_mapped = span_is(value, "mapped");
        return plan->restore.is_mapped ? 0 : -EBADMSG;
}

static int parse_seed(struct span value, struct plan *plan)
{
        plan->restore.has_seed = span_is(value, "fresh");
        return plan->restore.has_seed ? 0 : -EBADMSG;
}

static int parse_reuse(struct span value, struct plan *plan)
{
        plan->is_for_once = span_is(value, "once");
        return plan->is_for_once ? 0 : -EBADMSG;
}

static int parse_signal(struct span value, struct plan *plan)
{
        if (plan->n_signals == PLAN_SIGNALS_MAX)
                return -EBADMSG;
        return span_int(value, 1, SIGRTMAX, &plan->signals[plan->n_signals++]);
}

// request METHOD PATH HOST, or: command WORD…
static int parse_after(struct span value, struct plan *plan)
{
        struct span kind = span_take(&value, ' ');
        struct hook *hook;

        if (plan->n_hooks == PLAN_HOOKS_MAX || value.size == 0 || value.size > HOOK_MAX)
                return -EBADMSG;
        if (!span_is(kind, "request") && !span_is(kind, "command"))
                return -EBADMSG;
        for (size_t i = 0; i < value.size; i++)
                if ((unsigned char) value.at[i] < ' ' || value.at[i] == 0x7f)
                        return -EBADMSG;
        hook = &plan->hooks[plan->n_hooks++];
        hook->kind = span_is(kind, "request") ? HOOK_REQUEST : HOOK_COMMAND;
        memcpy(hook->text, value.at, value.size);
        hook->text[value.size] = '\0';
        // Where it is run there is no search for it; and a request has its three words.
        if (hook->kind == HOOK_COMMAND)
                return hook->text[0] == '/' ? 0 : -EBADMSG;
        (void) span_take(&value, ' ');
        (void) span_take(&value, ' ');
        return value.size > 0 && !memchr(value.at, ' ', value.size) ? 0 : -EBADMSG;
}

static const struct {
        const char *name;
        int (*parse)(struct span value, struct plan *plan);
        bool required;
        bool repeats;
} keys[] = {
    {"application", parse_application, .required = true},
    {"snapshot", parse_snapshot, .required = true},
    {"configuration", parse_configuration, .required = true},
    {"kernel", parse_kernel, .required = true},
    {"criu", parse_criu, .required = true},
    {"release", parse_release},
    {"pid", parse_pid, .required = true},
    {"pid-floor", parse_pid_floor, .required = true},
    {"stdout", parse_stdout},
    {"stderr", parse_stderr},
    {"memory", parse_memory},
    {"reuse", parse_reuse},
    {"seed", parse_seed},
    {"listener", plan_listener, .repeats = true},
    {"backlog", plan_backlog, .repeats = true},
    {"option", plan_option, .repeats = true},
    {"signal", parse_signal, .repeats = true},
    {"after", parse_after, .repeats = true},
    {"user", plan_user, .repeats = true},
    {"file", plan_file, .repeats = true},
    {"deadline-ms", parse_deadline, .required = true},
};
enum { N_KEYS = sizeof(keys) / sizeof(keys[0]) };

static int parse_line(struct span line, struct plan *plan, bool seen[static N_KEYS])
{
        struct span name;

        if (!memchr(line.at, '=', line.size))
                return -EBADMSG;
        name = span_take(&line, '=');
        for (size_t i = 0; i < N_KEYS; i++) {
                if (!span_is(name, keys[i].name))
                        continue;
                if (seen[i] && !keys[i].repeats)
                        return -EBADMSG;
                seen[i] = true;
                return keys[i].parse(line, plan);
        }
        return -EBADMSG;
}

int plan_parse(const char *text, size_t size, struct plan *ret, unsigned *ret_line)
{
        struct span rest = {text, size};
        struct plan plan = {0};
        bool seen[N_KEYS] = {0};

        *ret_line = 1;
        // A file that was cut short must not pass for a shorter plan.
        if (size == 0 || size > PLAN_SIZE_MAX || text[size - 1] != '\n')
                return -EBADMSG;
        if (!span_is(span_take(&rest, '\n'), "grenadine-plan=1"))
                return -EBADMSG;
        while (rest.size > 0) {
                *ret_line += 1;
                if (parse_line(span_take(&rest, '\n'), &plan, seen) < 0)
                        return -EBADMSG;
        }
        *ret_line += 1;
        for (size_t i = 0; i < N_KEYS; i++)
                if (keys[i].required && !seen[i])
                        return -EBADMSG;
        // criu must not take a PID that the snapshot needs, so the floor lies above the root task at least.
        if (plan.restore.pid_floor <= plan.restore.pid)
                return -EBADMSG;
        *ret = plan;
        return 0;
}
