/*
 * Runs a command, and meanwhile asks the activator as a launcher does, 10 ms after each answer, over a new
 * connection each time: which snapshots of an application may serve? Measures from before the connection is
 * opened to the answer, and prints each time in microseconds on a line of its own. An answer that is an
 * error, or that names no snapshot, is a failure. The command's output goes to standard error; its failure
 * is ours.
 */
#include "ask.h"
#include "command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>

static const char *const destination = "org.grenadine.Activator1";
static const char *const object = "/org/grenadine/Activator1";

static const struct timespec pause_between = {.tv_nsec = 10 * 1000 * 1000};

static int call(sd_bus *bus, const char *application, const char *configuration)
{
        sd_bus_message *message = NULL, *reply = NULL;
        const char *snapshot;
        int r = sd_bus_message_new_method_call(bus, &message, destination, object, destination, "Activate");

        if (r >= 0)
                r = sd_bus_message_set_auto_start(message, false);
        if (r >= 0)
                r = sd_bus_message_append(message, "ss", application, configuration);
        if (r >= 0)
                r = sd_bus_call(bus, message, 0, NULL, &reply);
        if (r >= 0)
                r = sd_bus_message_enter_container(reply, SD_BUS_TYPE_ARRAY, "s");
        if (r >= 0) {
                r = sd_bus_message_read_basic(reply, SD_BUS_TYPE_STRING, &snapshot);
                r = r == 0 ? -ENOENT : r;
        }
        sd_bus_message_unref(message);
        sd_bus_message_unref(reply);
        return r < 0 ? r : 0;
}

int main(int argc, char **argv)
{
        int r;

        if (argc < 4) {
                fprintf(stderr, "usage: activate APPLICATION CONFIGURATION COMMAND [ARGUMENT...]\n");
                return 2;
        }
        for (r = command_start(argv + 3); r >= 0 && command_ended_us() == 0;
             nanosleep(&pause_between, NULL)) {
                const int64_t begin_us = now_us();
                sd_bus *bus = NULL;

                r = sd_bus_open_system(&bus);
                if (r >= 0)
                        r = call(bus, argv[1], argv[2]);
                printf("%lld\n", (long long) (now_us() - begin_us));
                sd_bus_flush_close_unref(bus);
        }
        if (r < 0)
                fprintf(stderr, "no answer from the activator: %s\n", strerror(-r));
        return command_succeeded() && r >= 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
