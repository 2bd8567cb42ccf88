// Tells a stop from other signals, whatever KillSignal= says. Knows of no process.
#include "stop.h"

#include "clock.h"
#include <signal.h>

// systemd.kill(5): right after the signal of a stop systemd always sends SIGCONT. It is far less than that
// until it is here; but how long is up to the host.
enum { RIGHT_AFTER_US = 1000 * 1000 };

bool stop_note(struct stop *stop, int signal)
{
        bool are_one;
        uint64_t apart;

        if (signal == SIGCONT)
                stop->continued_us = monotonic_us();
        else
                stop->signalled_us = monotonic_us();
        // Those that wait together come in the order of their numbers (signal(7)), so SIGCONT may be first.
        apart = stop->continued_us > stop->signalled_us ? stop->continued_us - stop->signalled_us
                                                        : stop->signalled_us - stop->continued_us;
        are_one = stop->signalled_us > 0 && stop->continued_us > 0 && apart < RIGHT_AFTER_US;
        // By itself a signal may be a question, as SIGQUIT is to a Java machine, or have the files of logs
        // opened again. SIGTERM is how anybody stops a process.
        if (signal == SIGCONT)
                return stop->is_told |= are_one;
        stop->signal = signal;
        return stop->is_told = are_one || signal == SIGTERM;
}
