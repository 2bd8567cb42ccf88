// Shows the launcher's plan parser to the tests: reads plans from standard input, each after a line with its
// size, and answers each with a line: `refused LINE`, or `taken` with what was understood.
#include "../../../native/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void show(const struct plan *plan)
{
        printf("taken %s %s %s %s %" PRIu64 ":%" PRIu64 ":%d", plan->application, plan->snapshot,
               plan->configuration, plan->kernel, plan->criu_size, plan->criu_mtime,
               plan->restore.does_without);
        printf(" release=%s,%s pid=%d,%d", plan->release_path, plan->release_target, plan->restore.pid,
               plan->restore.pid_floor);
        printf(" streams=%" PRIu32 ",%" PRIu32 " mapped=%d once=%d seed=%d deadline=%" PRIu32,
               plan->restore.stdout_inode, plan->restore.stderr_inode, plan->restore.is_mapped,
               plan->is_for_once, plan->restore.has_seed, plan->restore.deadline_ms);
        for (size_t i = 0; i < plan->restore.n_listeners; i++) {
                const struct plan_listener *listener = &plan->restore.listeners[i];
                printf(" listener=%" PRIu32 ",%" PRIu32 ",%d,%d", listener->index, listener->inode,
                       listener->nonblock, listener->has_backlog ? listener->backlog : -1);
        }
        for (size_t i = 0; i < plan->n_options; i++) {
                const struct plan_option *option = &plan->options[i];
                printf(" option=%" PRIu32 ",%d,%d,", option->index, option->level, option->name);
                for (size_t byte = 0; byte < option->size; byte++)
                        printf("%02x", option->value[byte]);
        }
        for (size_t i = 0; i < plan->n_signals; i++)
                printf(" signal=%d", plan->signals[i]);
        for (size_t i = 0; i < plan->n_hooks; i++)
                printf(" after=%s,%s", plan->hooks[i].kind == HOOK_REQUEST ? "request" : "command",
                       plan->hooks[i].text);
        for (size_t i = 0; i < plan->restore.n_users; i++) {
                const struct plan_user *user = &plan->restore.users[i];
                printf(" user=%u,%u", user->uid, user->gid);
                for (size_t group = 0; group < user->n_groups; group++)
                        printf(",%u", user->groups[group]);
        }
        for (size_t i = 0; i < plan->restore.n_files; i++) {
                const struct plan_file *file = &plan->restore.files[i];
                printf(" file=%" PRIu32 ",%d,%" PRIu64 ",", file->user, file->flags, file->position);
                if (file->has_size)
                        printf("%" PRIu64, file->size);
                putchar(',');
                if (file->has_mtime)
                        printf("%" PRIu64, file->mtime);
                printf(",%s", plan->restore.paths + file->path);
        }
}

int main(void)
{
        char line[32];

        while (fgets(line, sizeof(line), stdin)) {
                size_t size = strtoul(line, NULL, 10);
                // Exactly as large as the plan, so that a sanitizer sees a read beyond it.
                char *text = malloc(size > 0 ? size : 1);
                struct plan plan;
                unsigned at;

                if (!text || fread(text, 1, size, stdin) != size)
                        return 1;
                if (plan_parse(text, size, &plan, &at) < 0)
                        printf("refused %u", at);
                else
                        show(&plan);
                // Not a line break: a path may hold one, and none holds this.
                putchar('\0');
                (void) fflush(stdout);
                free(text);
        }
        return 0;
}
