// Tells outcomes as pairs and writes them to their file. Runs after READY=1; nothing waits for it.
#include "outcome.h"

#include "cleanup.h"
#include "directory.h"
#include "paths.h"
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

static int visit_number(uint64_t number, const char *key, outcome_visitor visit, void *context)
{
        char text[24];

        (void) snprintf(text, sizeof(text), "%" PRIu64, number);
        return visit(context, key, text);
}

static int visit_times(const struct outcome *outcome, outcome_visitor visit, void *context)
{
        const struct {
                const char *key;
                uint64_t at;
        } offsets[] = {
            {"answered-us", outcome->answered_us},     {"namespaces-us", outcome->namespaces_us},
            {"criu-start-us", outcome->criu_start_us}, {"criu-us", outcome->criu_us},
            {"ready-us", outcome->ready_us},
        };
        int r = visit_number(outcome->realtime_us, "realtime-us", visit, context);

        if (r >= 0)
                r = visit_number(outcome->start_us, "start-us", visit, context);
        for (size_t i = 0; r >= 0 && i < sizeof(offsets) / sizeof(offsets[0]); i++)
                if (offsets[i].at >= outcome->start_us)
                        r = visit_number(offsets[i].at - outcome->start_us, offsets[i].key, visit, context);
        return r;
}

int outcome_visit(const struct outcome *outcome, outcome_visitor visit, void *context)
{
        // A switch that restored nothing changed nothing.
        const char *otherwise = outcome->switched ? "kept" : "cold";
        int r = visit(context, "how", outcome->restored ? "restored" : otherwise);

        if (r >= 0 && outcome->restored)
                r = visit(context, "snapshot", outcome->snapshot);
        if (r >= 0 && outcome->restored && outcome->switched)
                r = visit(context, "switched", "yes");
        if (r >= 0 && outcome->answer)
                r = visit(context, "answer", outcome->answer);
        if (r >= 0 && !outcome->restored)
                r = visit(context, "reason", outcome->reason.code);
        if (r >= 0 && !outcome->restored)
                r = visit(context, "detail", outcome->reason.detail);
        for (size_t i = 0; r >= 0 && i < outcome->n_failed; i++) {
                const struct failed_rung *rung = &outcome->failed[i];
                char text[SNAPSHOT_ID_LENGTH + 64 + DETAIL_MAX];
                (void) snprintf(text, sizeof(text), "%s %s %s", rung->snapshot, rung->refusal.code,
                                rung->refusal.detail);
                r = visit(context, "failed", text);
        }
        if (r >= 0 && outcome->plain.code)
                r = visit(context, "plain", outcome->plain.detail);
        if (r >= 0 && outcome->after_restore.code)
                r = visit(context, "after-restore", outcome->after_restore.detail);
        return r < 0 ? r : visit_times(outcome, visit, context);
}

static int write_pair(void *context, const char *key, const char *value)
{
        return fprintf(context, "%s=%s\n", key, value) < 0 ? -EIO : 0;
}

int outcome_write(const struct outcome *outcome, const char *application)
{
        char path[PATH_MAX], next[PATH_MAX];
        FILE *file;
        int r;

        (void) snprintf(path, sizeof(path), OUTCOME_DIRECTORY "/%s", application);
        // No application's name has a dot in it.
        (void) snprintf(next, sizeof(next), OUTCOME_DIRECTORY "/%s.next", application);
        r = directory_make(OUTCOME_DIRECTORY, 0755);
        if (r < 0)
                return r;
        file = fopen(next, "we");
        if (!file)
                return -errno;
        r = outcome_visit(outcome, write_pair, file);
        if (fclose(file) != 0 && r >= 0)
                r = -errno;
        // rename(2): a reader sees the old outcome or the new one, never a part.
        if (r >= 0 && rename(next, path) < 0)
                r = -errno;
        if (r < 0)
                (void) unlink(next);
        return r;
}
