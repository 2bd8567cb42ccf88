// Holds together what belongs to one running application. Decides nothing.
#include "generation.h"

#include "cleanup.h"
#include <stdlib.h>

int generation_take(struct launch *launch, sd_event *event, sd_event_io_handler_t on_report, void *userdata,
                    struct generation **ret)
{
        struct generation *generation = calloc(1, sizeof(*generation));
        int r;

        if (!generation) {
                cell_close(&launch->cell);
                return -ENOMEM;
        }
        generation->cell = launch->cell;
        generation->how = launch->how;
        generation->application = launch->application;
        generation->out.source = generation->err.source = FD_NONE;
        generation->out.sink = generation->err.sink = FD_NONE;
        launch->cell = CELL_NONE;
        launch->how = HOW_NONE;
        r = sd_event_add_io(event, &generation->reports, generation->cell.channel, EPOLLIN, on_report,
                            userdata);
        if (r >= 0)
                r = relay_start(&generation->out, event, steal_fd(&generation->cell.out), STDOUT_FILENO);
        if (r >= 0)
                r = relay_start(&generation->err, event, steal_fd(&generation->cell.err), STDERR_FILENO);
        if (r < 0) {
                (void) generation_end(generation);
                return r;
        }
        *ret = generation;
        return 0;
}

void generation_drain(struct generation *generation, void (*on_dry)(void *context), void *context)
{
        relay_drain(&generation->out, on_dry, context);
        relay_drain(&generation->err, on_dry, context);
}

bool generation_is_dry(const struct generation *generation)
{
        return relay_is_dry(&generation->out) && relay_is_dry(&generation->err);
}

struct generation *generation_end(struct generation *generation)
{
        if (!generation)
                return NULL;
        generation->reports = sd_event_source_disable_unref(generation->reports);
        (void) cell_kill(&generation->cell);
        relay_finish(&generation->out);
        relay_finish(&generation->err);
        cell_close(&generation->cell);
        free(generation);
        return NULL;
}
