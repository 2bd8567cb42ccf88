/*
 * Asks the activator and reports to it as launchers do, start after start, over a new connection each time,
 * without starting anything. The report of the last one has a time of its own, which is printed: the
 * activator writes it down once it has taken that in. Usage: starts APPLICATION CONFIGURATION SNAPSHOT TIMES
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>

static const char *const destination = "org.grenadine.Activator1";
static const char *const object = "/org/grenadine/Activator1";

static int64_t realtime_us(void)
{
        struct timespec now;

        (void) clock_gettime(CLOCK_REALTIME, &now);
        return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

/* Is the snapshot the first one that may serve? */
static int activate(sd_bus *bus, const char *application, const char *configuration, const char *snapshot)
{
        sd_bus_message *reply = NULL;
        const char *first = NULL;
        int r = sd_bus_call_method(bus, destination, object, destination, "Activate", NULL, &reply, "ss",
                                   application, configuration);

        if (r >= 0)
                r = sd_bus_message_enter_container(reply, SD_BUS_TYPE_ARRAY, "s");
        if (r >= 0)
                r = sd_bus_message_read_basic(reply, SD_BUS_TYPE_STRING, &first);
        if (r >= 0 && (first == NULL || strcmp(first, snapshot) != 0))
                r = -1;
        sd_bus_message_unref(reply);
        return r;
}

static int report(sd_bus *bus, const char *application, const char *snapshot, int64_t at_us)
{
        sd_bus_message *message = NULL;
        char at[32];
        int r;

        (void) snprintf(at, sizeof(at), "%lld", (long long) at_us);
        r = sd_bus_message_new_method_call(bus, &message, destination, object, destination, "Report");
        if (r >= 0)
                r = sd_bus_message_set_expect_reply(message, false);
        if (r >= 0)
                r = sd_bus_message_append(message, "sa{ss}", application, 4, "how", "restored", "snapshot",
                                          snapshot, "realtime-us", at, "start-us", at);
        if (r >= 0)
                r = sd_bus_send(bus, message, NULL);
        sd_bus_message_unref(message);
        return r;
}

int main(int argc, char **argv)
{
        int64_t at_us = 0;

        if (argc != 5) {
                fprintf(stderr, "usage: starts APPLICATION CONFIGURATION SNAPSHOT TIMES\n");
                return 2;
        }
        for (long left = strtol(argv[4], NULL, 10); left > 0; left--) {
                sd_bus *bus = NULL;
                int r = sd_bus_open_system(&bus);

                at_us = realtime_us();
                if (r >= 0)
                        r = activate(bus, argv[1], argv[2], argv[3]);
                if (r >= 0)
                        r = report(bus, argv[1], argv[3], at_us);
                sd_bus_flush_close_unref(bus);
                if (r < 0) {
                        fprintf(stderr, "not answered as it should be: %s\n", strerror(-r));
                        return EXIT_FAILURE;
                }
        }
        printf("%lld\n", (long long) at_us);
        return EXIT_SUCCESS;
}
