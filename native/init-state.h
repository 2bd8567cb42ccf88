// What the parts of init know of each other.
#pragma once

#include "init.h"
#include "stop.h"

struct init {
        struct init_context context;
        int signals;
        pid_t application; // 0: not yet
        pid_t adoption;    // who answers its bind(2); 0: nobody
        bool application_ended;
        int wait_status;
        struct stop stop; // of the signals that the application was sent
        struct report report;
};

// Tells the main process.
void init_report(struct init *init, enum report_kind kind);
