// What AfterRestore= and BeforeDump= have done beside the application, which gets signals by another way.
#pragma once

#include "bounds.h"

enum hook_kind {
        HOOK_REQUEST, // METHOD PATH HOST
        HOOK_COMMAND, // words between blanks, %XX for a byte
};

struct hook {
        enum hook_kind kind;
        char text[HOOK_MAX + 1];
};
