// Parses the text of a plan, strictly: what is unknown, repeated, out of range or missing refuses the whole.
// No I/O.
#include "plan.h"

#include "options.h"
#include <errno.h>
#include <signal.h>
#include <string.h>

struct span {
        const char *at;
        size_t size;
};

// Takes the bytes up to the separator, or all that are left, and moves past it.
static struct span take(struct span *rest, char separator)
{
        const char *end = memchr(rest->at, separator, rest->size);
        struct span taken = {rest->at, end ? (size_t) (end - rest->at) : rest->size};
        size_t step = taken.size + (end ? 1 : 0);

        rest->at += step;
        rest->size -= step;
        return taken;
}

static bool is(struct span span, const char *word)
{
        return span.size == strlen(word) && memcmp(span.at, word, span.size) == 0;
}

// Decimal digits alone: no sign, no blank, no leading zero but for 0 itself.
static int parse_number(struct span span, uint64_t min, uint64_t max, uint64_t *ret)
{
        uint64_t number = 0;

        if (span.size == 0 || (span.size > 1 && span.at[0] == '0'))
                return -EBADMSG;
        for (size_t i = 0; i < span.size; i++) {
                if (span.at[i] < '0' || span.at[i] > '9' || __builtin_mul_overflow(number, 10, &number) ||
                    __builtin_add_overflow(number, (uint64_t) (span.at[i] - '0'), &number))
                        return -EBADMSG;
        }
        if (number < min || number > max)
                return -EBADMSG;
        *ret = number;
        return 0;
}

static int parse_u32(struct span span, uint32_t min, uint32_t max, uint32_t *ret)
{
        uint64_t number;
        int r = parse_number(span, min, max, &number);

        if (r < 0)
                return r;
        *ret = (uint32_t) number;
        return 0;
}

static int parse_int(struct span span, int min, int max, int *ret)
{
        uint64_t number;
        int r = parse_number(span, (uint64_t) min, (uint64_t) max, &number);

        if (r < 0)
                return r;
        *ret = (int) number;
        return 0;
}

static int parse_word(struct span span, char *ret, size_t size)
{
        if (span.size == 0 || span.size >= size)
                return -EBADMSG;
        for (size_t i = 0; i < span.size; i++)
                if (span.at[i] <= ' ' || span.at[i] > '~')
                        return -EBADMSG;
        memcpy(ret, span.at, span.size);
        ret[span.size] = '\0';
        return 0;
}

static int hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -EBADMSG;
}

// Two digits make a byte; the caller has made sure that both are there.
static int parse_byte(const char *at, uint8_t *ret)
{
        int high = hex_digit(at[0]), low = hex_digit(at[1]);

        if (high < 0 || low < 0)
                return -EBADMSG;
        *ret = (uint8_t) (high << 4 | low);
        return 0;
}

// An absolute path in which %XX stands for a byte.
static int parse_path(struct span span, char *ret, size_t size)
{
        size_t length = 0;

        for (size_t i = 0; i < span.size; i++) {
                uint8_t byte = (uint8_t) span.at[i];
                if (byte == '%') {
                        if (span.size - i < 3 || parse_byte(span.at + i + 1, &byte) < 0)
                                return -EBADMSG;
                        i += 2;
                }
                if (byte == 0 || length + 1 >= size)
                        return -EBADMSG;
                ret[length++] = (char) byte;
        }
        if (length == 0 || ret[0] != '/')
                return -EBADMSG;
        ret[length] = '\0';
        return 0;
}

static int parse_application(struct span value, struct plan *plan)
{
        if (!application_name_is_valid(value.at, value.size))
                return -EBADMSG;
        return parse_word(value, plan->application, sizeof(plan->application));
}

static int parse_snapshot(struct span value, struct plan *plan)
{
        if (!hex_is_valid(value.at, value.size, SNAPSHOT_ID_LENGTH))
                return -EBADMSG;
        return parse_word(value, plan->snapshot, sizeof(plan->snapshot));
}

static int parse_configuration(struct span value, struct plan *plan)
{
        if (!hex_is_valid(value.at, value.size, CONFIGURATION_LENGTH))
                return -EBADMSG;
        return parse_word(value, plan->configuration, sizeof(plan->configuration));
}

static int parse_kernel(struct span value, struct plan *plan)
{
        return parse_word(value, plan->kernel, sizeof(plan->kernel));
}

// SIZE:MTIME [uncalled]
static int parse_criu(struct span value, struct plan *plan)
{
        struct span size = take(&value, ':');
        bool has_word = memchr(value.at, ' ', value.size) != NULL;
        struct span mtime = take(&value, ' ');
        int r = parse_number(size, 1, INT64_MAX, &plan->criu_size);

        if (r == 0)
                r = parse_number(mtime, 0, INT64_MAX, &plan->criu_mtime);
        if (r == 0 && has_word && !is(value, "uncalled"))
                r = -EBADMSG;
        plan->restore.does_without = has_word;
        return r;
}

// PATH TARGET
static int parse_release(struct span value, struct plan *plan)
{
        struct span path = take(&value, ' ');
        int r = parse_path(path, plan->release_path, sizeof(plan->release_path));

        return r < 0 ? r : parse_path(value, plan->release_target, sizeof(plan->release_target));
}

static int parse_pid(struct span value, struct plan *plan)
{
        return parse_int(value, 2, 1 << 22, &plan->restore.pid);
}

static int parse_pid_floor(struct span value, struct plan *plan)
{
        return parse_int(value, 2, 1 << 22, &plan->restore.pid_floor);
}

static int parse_stdout(struct span value, struct plan *plan)
{
        return parse_u32(value, 1, UINT32_MAX, &plan->restore.stdout_inode);
}

static int parse_stderr(struct span value, struct plan *plan)
{
        return parse_u32(value, 1, UINT32_MAX, &plan->restore.stderr_inode);
}

static int parse_deadline(struct span value, struct plan *plan)
{
        return parse_u32(value, 1, 600000, &plan->restore.deadline_ms);
}

static int parse_memory(struct span value, struct plan *plan)
{
        plan->restore.is_mapped = is(value, "mapped");
        return plan->restore.is_mapped ? 0 : -EBADMSG;
}

static int parse_seed(struct span value, struct plan *plan)
{
        plan->restore.has_seed = is(value, "fresh");
        return plan->restore.has_seed ? 0 : -EBADMSG;
}

static struct plan_listener *find_listener(struct plan *plan, uint32_t index)
{
        for (size_t i = 0; i < plan->restore.n_listeners; i++)
                if (plan->restore.listeners[i].index == index)
                        return &plan->restore.listeners[i];
        return NULL;
}

// INDEX INODE [nonblock]
static int parse_listener(struct span value, struct plan *plan)
{
        struct plan_listener listener = {0};
        struct span index = take(&value, ' '), inode = take(&value, ' ');

        if (plan->restore.n_listeners == LISTENERS_MAX ||
            parse_u32(index, 0, LISTENERS_MAX - 1, &listener.index) < 0 ||
            parse_u32(inode, 1, UINT32_MAX, &listener.inode) < 0 || find_listener(plan, listener.index))
                return -EBADMSG;
        if (value.size > 0 && !is(value, "nonblock"))
                return -EBADMSG;
        listener.nonblock = value.size > 0;
        plan->restore.listeners[plan->restore.n_listeners++] = listener;
        return 0;
}

// INDEX N; the listener's own line comes first
static int parse_backlog(struct span value, struct plan *plan)
{
        struct span number = take(&value, ' ');
        struct plan_listener *listener;
        uint32_t index;

        if (parse_u32(number, 0, LISTENERS_MAX - 1, &index) < 0)
                return -EBADMSG;
        listener = find_listener(plan, index);
        if (!listener || listener->has_backlog || parse_int(value, 0, INT_MAX, &listener->backlog) < 0)
                return -EBADMSG;
        listener->has_backlog = true;
        return 0;
}

// INDEX LEVEL NAME HEX; the listener's own line comes first
static int parse_option(struct span value, struct plan *plan)
{
        struct span index = take(&value, ' '), level = take(&value, ' '), name = take(&value, ' ');
        struct plan_option option = {0};

        if (plan->n_options == PLAN_OPTIONS_MAX ||
            parse_u32(index, 0, LISTENERS_MAX - 1, &option.index) < 0 ||
            parse_int(level, 0, INT_MAX, &option.level) < 0 ||
            parse_int(name, 0, INT_MAX, &option.name) < 0 || !find_listener(plan, option.index))
                return -EBADMSG;
        if (value.size == 0 || value.size % 2 != 0 || value.size / 2 > sizeof(option.value))
                return -EBADMSG;
        for (size_t i = 0; i < value.size / 2; i++)
                if (parse_byte(value.at + 2 * i, &option.value[i]) < 0)
                        return -EBADMSG;
        option.size = value.size / 2;
        plan->options[plan->n_options++] = option;
        return 0;
}

static int parse_signal(struct span value, struct plan *plan)
{
        if (plan->n_signals == PLAN_SIGNALS_MAX)
                return -EBADMSG;
        return parse_int(value, 1, SIGRTMAX, &plan->signals[plan->n_signals++]);
}

// request METHOD PATH HOST, or: command WORD…
static int parse_after(struct span value, struct plan *plan)
{
        struct span kind = take(&value, ' ');
        struct hook *hook;

        if (plan->n_hooks == PLAN_HOOKS_MAX || value.size == 0 || value.size > HOOK_MAX)
                return -EBADMSG;
        if (!is(kind, "request") && !is(kind, "command"))
                return -EBADMSG;
        for (size_t i = 0; i < value.size; i++)
                if ((unsigned char) value.at[i] < ' ' || value.at[i] == 0x7f)
                        return -EBADMSG;
        hook = &plan->hooks[plan->n_hooks++];
        hook->kind = is(kind, "request") ? HOOK_REQUEST : HOOK_COMMAND;
        memcpy(hook->text, value.at, value.size);
        hook->text[value.size] = '\0';
        // Where it is run there is no search for it; and a request has its three words.
        if (hook->kind == HOOK_COMMAND)
                return hook->text[0] == '/' ? 0 : -EBADMSG;
        (void) take(&value, ' ');
        (void) take(&value, ' ');
        return value.size > 0 && !memchr(value.at, ' ', value.size) ? 0 : -EBADMSG;
}

// A decimal number, or `-` for none.
static int parse_optional(struct span span, bool *ret_is, uint64_t *ret)
{
        *ret_is = !is(span, "-");
        return *ret_is ? parse_number(span, 0, INT64_MAX, ret) : 0;
}

// UID GID[ GROUP,GROUP...]
static int parse_user(struct span value, struct plan *plan)
{
        struct plan_restore *restore = &plan->restore;
        struct span uid = take(&value, ' '), gid = take(&value, ' ');
        struct plan_user *user;

        if (restore->n_users == PLAN_USERS_MAX)
                return -EBADMSG;
        user = &restore->users[restore->n_users++];
        // The largest number is "unchanged" to setresuid(2).
        if (parse_u32(uid, 0, UINT32_MAX - 1, &user->uid) < 0 ||
            parse_u32(gid, 0, UINT32_MAX - 1, &user->gid) < 0)
                return -EBADMSG;
        while (value.size > 0) {
                if (user->n_groups == PLAN_GROUPS_MAX ||
                    parse_u32(take(&value, ','), 0, UINT32_MAX - 1, &user->groups[user->n_groups++]) < 0)
                        return -EBADMSG;
        }
        return 0;
}

// USER FLAGS POSITION SIZE MTIME PATH
static int parse_file(struct span value, struct plan *plan)
{
        struct plan_restore *restore = &plan->restore;
        struct span user = take(&value, ' '), flags = take(&value, ' '), position = take(&value, ' ');
        struct span size = take(&value, ' '), mtime = take(&value, ' ');
        struct plan_file *file;
        char *path = restore->paths + restore->paths_size;

        if (restore->n_files == PLAN_FILES_MAX || restore->n_users == 0)
                return -EBADMSG;
        file = &restore->files[restore->n_files++];
        file->path = restore->paths_size;
        if (parse_u32(user, 0, (uint32_t) restore->n_users - 1, &file->user) < 0 ||
            parse_int(flags, 0, PLAN_FILE_FLAGS, &file->flags) < 0 ||
            (file->flags & ~PLAN_FILE_FLAGS) != 0 ||
            parse_number(position, 0, INT64_MAX, &file->position) < 0 ||
            parse_optional(size, &file->has_size, &file->size) < 0 ||
            parse_optional(mtime, &file->has_mtime, &file->mtime) < 0)
                return -EBADMSG;
        if (parse_path(value, path, sizeof(restore->paths) - restore->paths_size) < 0)
                return -EBADMSG;
        restore->paths_size += strlen(path) + 1;
        return 0;
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
    {"seed", parse_seed},
    {"listener", parse_listener, .repeats = true},
    {"backlog", parse_backlog, .repeats = true},
    {"option", parse_option, .repeats = true},
    {"signal", parse_signal, .repeats = true},
    {"after", parse_after, .repeats = true},
    {"user", parse_user, .repeats = true},
    {"file", parse_file, .repeats = true},
    {"deadline-ms", parse_deadline, .required = true},
};
enum { N_KEYS = sizeof(keys) / sizeof(keys[0]) };

static int parse_line(struct span line, struct plan *plan, bool seen[static N_KEYS])
{
        struct span name;

        if (!memchr(line.at, '=', line.size))
                return -EBADMSG;
        name = take(&line, '=');
        for (size_t i = 0; i < N_KEYS; i++) {
                if (!is(name, keys[i].name))
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
        if (!is(take(&rest, '\n'), "grenadine-plan=1"))
                return -EBADMSG;
        while (rest.size > 0) {
                *ret_line += 1;
                if (parse_line(take(&rest, '\n'), &plan, seen) < 0)
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
