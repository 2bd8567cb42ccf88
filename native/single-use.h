// A snapshot that serves one start only: whoever takes its mark away has it to himself.
#pragma once

#include "refusal.h"

// Uses up a snapshot of the store. Once this returns 0, no other start can have it, whatever becomes of this
// one. Returns -errno with the refusal if another one has had it, or it cannot be told.
int single_use_claim(const char *application, const char *snapshot, struct refusal *ret_refusal);
