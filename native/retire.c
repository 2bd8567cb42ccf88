// Sees replaced generations to their ends, each with its own bound. Waits only in the event loop.
#include "retire.h"

#include <stdlib.h>

struct retired {
        struct retired *next;
        struct retirement *retirement;
        struct generation *generation;
        sd_event_source *timer;
        sd_event_source *death;
};

static void forget(struct retired *retired)
{
        struct retired **at = &retired->retirement->first;

        while (*at != retired)
                at = &(*at)->next;
        *at = retired->next;
        retired->timer = sd_event_source_disable_unref(retired->timer);
        retired->death = sd_event_source_disable_unref(retired->death);
        (void) generation_end(retired->generation);
        free(retired);
}

static void on_dry(void *context)
{
        struct retired *retired = context;
        struct retirement *retirement = retired->retirement;

        if (!generation_is_dry(retired->generation))
                return;
        forget(retired);
        if (!retirement->first)
                retirement->on_empty(retirement->context);
}

// Its last words may have to wait for a journal that hangs, and nobody else with them.
static int on_death(sd_event_source *source, int, uint32_t, void *userdata)
{
        struct retired *retired = userdata;
        int r = sd_event_source_set_enabled(source, SD_EVENT_OFF);

        retired->timer = sd_event_source_disable_unref(retired->timer);
        generation_drain(retired->generation, on_dry, retired);
        on_dry(retired);
        return r;
}

// Init has one thing left to say, that the application ended. How is nobody's business any more.
static int on_report(sd_event_source *source, int, uint32_t, void *userdata)
{
        const struct retired *retired = userdata;

        cell_condemn(&retired->generation->cell);
        return sd_event_source_set_enabled(source, SD_EVENT_OFF);
}

static int on_timeout(sd_event_source *, uint64_t, void *userdata)
{
        const struct retired *retired = userdata;

        cell_condemn(&retired->generation->cell);
        return 0;
}

static int watch(struct retired *retired, uint64_t timeout_us)
{
        struct generation *generation = retired->generation;
        sd_event *event = retired->retirement->event;
        int r;

        generation->reports = sd_event_source_disable_unref(generation->reports);
        r = sd_event_add_io(event, &generation->reports, generation->cell.channel, EPOLLIN, on_report,
                            retired);
        if (r >= 0)
                r = sd_event_add_io(event, &retired->death, generation->cell.pidfd, EPOLLIN, on_death,
                                    retired);
        if (r >= 0 && timeout_us != UINT64_MAX)
                r = sd_event_add_time_relative(event, &retired->timer, CLOCK_MONOTONIC, timeout_us, 0,
                                               on_timeout, retired);
        return r;
}

void retire(struct retirement *retirement, struct generation *generation, int signal, uint64_t timeout_us)
{
        struct retired *retired = calloc(1, sizeof(*retired));

        // As systemd does, by which init knows a stop.
        (void) cell_signal(&generation->cell, signal);
        (void) cell_signal(&generation->cell, SIGCONT);
        if (!retired) {
                (void) generation_end(generation);
                return;
        }
        *retired =
            (struct retired){.next = retirement->first, .retirement = retirement, .generation = generation};
        retirement->first = retired;
        // Whom we cannot watch would stay for ever.
        if (watch(retired, timeout_us) < 0)
                forget(retired);
}

void retirement_end(struct retirement *retirement)
{
        while (retirement->first)
                forget(retirement->first);
}
