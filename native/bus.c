// Speaks sd-bus, the only file that does. The connection is made, authenticated and used without waiting for
// any of it; what the activator does not answer in time is not needed.
#include "bus.h"

#include "cleanup.h"
#include "clock.h"
#include "options.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

// Two calls, which a busy systemd may take a while over; a reload is in no hurry.
enum { STOP_TIMEOUT_US = 5 * 1000 * 1000 };

// Who got no processor until the deadline has sent the question a moment ago, and is answered at once if at
// all.
enum { ROUND_TRIP_US = 100 * 1000 };

static const char *const destination = "org.grenadine.Activator1";
static const char *const object = "/org/grenadine/Activator1";
static const char *const interface = "org.grenadine.Activator1";

static int read_ladder(sd_bus_message *message, struct ladder *ret)
{
        struct ladder ladder = {0};
        const char *id;
        int r = sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "s");

        if (r < 0)
                return r;
        while ((r = sd_bus_message_read_basic(message, SD_BUS_TYPE_STRING, &id)) > 0) {
                // The IDs become names of directories.
                if (!hex_is_valid(id, strlen(id), SNAPSHOT_ID_LENGTH) || ladder.n == LADDER_MAX)
                        return -EBADMSG;
                memcpy(ladder.snapshots[ladder.n++], id, SNAPSHOT_ID_LENGTH + 1);
        }
        if (r < 0)
                return r;
        *ret = ladder;
        return 0;
}

static int receive_answer(sd_bus_message *message, void *userdata, sd_bus_error *)
{
        struct bus *bus = userdata;

        bus->answered = true;
        if (sd_bus_message_is_method_error(message, NULL))
                bus->error = -sd_bus_message_get_errno(message);
        else if (read_ladder(message, &bus->ladder) < 0)
                bus->error = -EBADMSG;
        if (bus->on_answer)
                bus->on_answer(bus->context);
        return 0;
}

// Like sd_bus_call_method(3), but an activator that is not there stays away: starting it takes longer than
// going without it, and the cold boot must not depend on it.
static int new_call(struct bus *bus, const char *method, sd_bus_message **ret)
{
        int r = sd_bus_message_new_method_call(bus->connection, ret, destination, object, interface, method);

        return r < 0 ? r : sd_bus_message_set_auto_start(*ret, false);
}

int bus_ask(struct bus *bus, const char *application, const char *configuration)
{
        __attribute__((cleanup(sd_bus_message_unrefp))) sd_bus_message *message = NULL;
        int r = sd_bus_open_system(&bus->connection);

        if (r >= 0)
                r = new_call(bus, "Activate", &message);
        if (r >= 0)
                r = sd_bus_message_append(message, "ss", application, configuration);
        // Queued behind authentication and Hello, which are under way.
        if (r >= 0)
                r = sd_bus_call_async(bus->connection, NULL, message, receive_answer, bus, 0);
        // Sends what the socket takes now, so that the bus works while we clone.
        if (r >= 0)
                r = sd_bus_process(bus->connection, NULL);
        if (r < 0)
                bus->error = r;
        return r < 0 ? r : 0;
}

static int attach(sd_bus *connection, sd_event *event)
{
        // Not the flushing kind of close: a hung bus would hold us.
        int r = sd_bus_set_close_on_exit(connection, false);

        return r < 0 ? r : sd_bus_attach_event(connection, event, SD_EVENT_PRIORITY_NORMAL);
}

int bus_watch(struct bus *bus, sd_event *event, void (*on_answer)(void *context), void *context)
{
        bus->on_answer = on_answer;
        bus->context = context;
        return attach(bus->connection, event);
}

// Has the question, which waits for authentication, left? In an event loop it is not waited for.
static bool has_left(const struct bus *bus)
{
        uint64_t queued;

        return !bus->on_answer && sd_bus_get_n_queued_write(bus->connection, &queued) >= 0 && queued == 0;
}

int bus_await(struct bus *bus, uint64_t deadline_us, struct ladder *ret)
{
        bool is_asked = false;

        while (!bus->answered) {
                int r;
                if (!bus->connection)
                        return bus->error < 0 ? bus->error : -ENOTCONN;
                r = sd_bus_process(bus->connection, NULL);
                if (r < 0)
                        return r;
                if (r > 0)
                        continue;
                uint64_t now = monotonic_us();
                if (!is_asked && has_left(bus)) {
                        is_asked = true;
                        if (deadline_us < now + ROUND_TRIP_US)
                                deadline_us = now + ROUND_TRIP_US;
                }
                if (now >= deadline_us)
                        return -ETIMEDOUT;
                r = sd_bus_wait(bus->connection, deadline_us - now);
                if (r < 0)
                        return r;
        }
        if (bus->error < 0)
                return bus->error;
        *ret = bus->ladder;
        return 0;
}

struct pairs {
        sd_bus_message *message;
        char failed[LADDER_MAX * (SNAPSHOT_ID_LENGTH + 64 + DETAIL_MAX)];
};

static int append_pair(void *context, const char *key, const char *value)
{
        struct pairs *pairs = context;

        if (strcmp(key, "failed") != 0)
                return sd_bus_message_append(pairs->message, "{ss}", key, value);
        // A dictionary has each key once: the rungs become lines.
        size_t length = strlen(pairs->failed);
        if (length > 0 && length + 1 < sizeof(pairs->failed))
                pairs->failed[length++] = '\n';
        (void) strncat(pairs->failed + length, value, sizeof(pairs->failed) - length - 1);
        return 0;
}

static int append_outcome(sd_bus_message *message, const struct outcome *outcome)
{
        struct pairs pairs = {.message = message};
        int r = sd_bus_message_open_container(message, SD_BUS_TYPE_ARRAY, "{ss}");

        if (r >= 0)
                r = outcome_visit(outcome, append_pair, &pairs);
        if (r >= 0 && *pairs.failed)
                r = sd_bus_message_append(message, "{ss}", "failed", pairs.failed);
        return r < 0 ? r : sd_bus_message_close_container(message);
}

// Sends everything that is queued, as long as it is let.
static int flush(sd_bus *connection, uint64_t deadline_us)
{
        for (;;) {
                uint64_t queued, now;
                int r = sd_bus_process(connection, NULL);
                if (r > 0)
                        continue;
                if (r >= 0)
                        r = sd_bus_get_n_queued_write(connection, &queued);
                if (r < 0 || queued == 0)
                        return r;
                now = monotonic_us();
                if (now >= deadline_us)
                        return -ETIMEDOUT;
                r = sd_bus_wait(connection, deadline_us - now);
                if (r < 0)
                        return r;
        }
}

static void send_rest(struct bus *bus)
{
        uint64_t queued;

        if (bus->event && bus->connection && !sd_bus_get_event(bus->connection) &&
            sd_bus_get_n_queued_write(bus->connection, &queued) >= 0 && queued > 0)
                (void) attach(bus->connection, bus->event);
}

int bus_report(struct bus *bus, const char *application, const struct outcome *outcome, uint64_t deadline_us)
{
        __attribute__((cleanup(sd_bus_message_unrefp))) sd_bus_message *message = NULL;
        // Who had nothing to ask, as there is no criu, has not connected yet.
        int r = bus->connection ? 0 : sd_bus_open_system(&bus->connection);

        if (r >= 0)
                r = new_call(bus, "Report", &message);
        if (r >= 0)
                r = sd_bus_message_set_expect_reply(message, false);
        if (r >= 0)
                r = sd_bus_message_append(message, "s", application);
        if (r >= 0)
                r = append_outcome(message, outcome);
        if (r >= 0)
                r = sd_bus_send(bus->connection, message, NULL);
        if (r >= 0)
                r = flush(bus->connection, deadline_us);
        if (r == -ETIMEDOUT)
                send_rest(bus);
        return r;
}

void bus_linger(struct bus *bus, sd_event *event)
{
        bus->event = event;
        send_rest(bus);
}

static int get_stop(sd_bus *connection, const char *unit, struct bus_stop *ret)
{
        static const char *const systemd = "org.freedesktop.systemd1",
                                 *const service = "org.freedesktop.systemd1.Service";
        struct bus_stop stop;
        int r = sd_bus_set_method_call_timeout(connection, STOP_TIMEOUT_US);

        if (r >= 0)
                r = sd_bus_get_property_trivial(connection, systemd, unit, service, "KillSignal", NULL,
                                                SD_BUS_TYPE_INT32, &stop.signal);
        if (r >= 0)
                r = sd_bus_get_property_trivial(connection, systemd, unit, service, "TimeoutStopUSec", NULL,
                                                SD_BUS_TYPE_UINT64, &stop.timeout_us);
        if (r < 0)
                return r;
        *ret = stop;
        return 0;
}

int bus_get_stop(const char *application, struct bus_stop *ret)
{
        __attribute__((cleanup(sd_bus_flush_close_unrefp))) sd_bus *connection = NULL;
        _cleanup_free_ char *path = NULL;
        char unit[APPLICATION_NAME_MAX + sizeof(".service")];
        int r;

        (void) snprintf(unit, sizeof(unit), "%s.service", application);
        r = sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path);
        if (r >= 0)
                r = sd_bus_open_system(&connection);
        return r < 0 ? r : get_stop(connection, path, ret);
}

void bus_close(struct bus *bus)
{
        // Not the flushing kind of close: a hung bus would hold us.
        sd_bus_close(bus->connection);
        bus->connection = sd_bus_unref(bus->connection);
        *bus = (struct bus){.event = bus->event};
}
