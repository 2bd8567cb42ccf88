// The plan: whatever the text, what is taken is within its bounds and ends where it should.
#include "../../../native/plan.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
        if (!holds)
                abort();
}

static void check_path(const char *path, size_t size)
{
        must(*path == '/' && strnlen(path, size) < size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct plan plan;
        unsigned line;
        // As large as the text, so that a read beyond it is seen.
        char *text = malloc(size > 0 ? size : 1);

        must(text != NULL);
        memcpy(text, data, size);
        if (plan_parse(text, size, &plan, &line) < 0) {
                must(line >= 1);
                free(text);
                return 0;
        }
        free(text);
        must(plan.restore.n_listeners <= LISTENERS_MAX && plan.n_options <= PLAN_OPTIONS_MAX);
        must(plan.n_signals <= PLAN_SIGNALS_MAX && plan.n_hooks <= PLAN_HOOKS_MAX);
        must(plan.restore.n_users <= PLAN_USERS_MAX && plan.restore.n_files <= PLAN_FILES_MAX);
        must(plan.restore.paths_size <= PLAN_PATHS_SIZE_MAX && plan.restore.pid >= 2);
        if (*plan.release_path)
                check_path(plan.release_path, sizeof(plan.release_path));
        for (size_t i = 0; i < plan.restore.n_files; i++) {
                const struct plan_file *file = &plan.restore.files[i];
                must(file->user < plan.restore.n_users && (file->flags & ~PLAN_FILE_FLAGS) == 0);
                must(file->path < plan.restore.paths_size);
                check_path(plan.restore.paths + file->path, plan.restore.paths_size - file->path);
        }
        for (size_t i = 0; i < plan.n_options; i++)
                must(plan.options[i].size > 0 && plan.options[i].size <= OPTION_VALUE_MAX);
        for (size_t i = 0; i < plan.n_hooks; i++)
                must(strnlen(plan.hooks[i].text, sizeof(plan.hooks[i].text)) < sizeof(plan.hooks[i].text));
        return 0;
}
