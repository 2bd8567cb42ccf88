// Why something did not serve: a fixed code for programs, a sentence for people.
#pragma once

#include "bounds.h"

struct refusal {
        const char *code;
        char detail[DETAIL_MAX];
};

// Fills a refusal and returns the error it was given, so that failing reads as one line.
int refuse(struct refusal *ret, int error, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
