// Functions that a program is linked with and does not call.
#pragma once

#include <stdlib.h>

#define UNCALLED(name)                                                                                      \
        _Noreturn __attribute__((visibility("default"))) void name(void);                                   \
        void name(void)                                                                                     \
        {                                                                                                   \
                abort();                                                                                    \
        }
