// The journal's own protocol, for the one line that programs want to find again: how the application came
// up.
#pragma once

#include "outcome.h"

// Logs the line with every pair of the outcome as a field of its own. Returns 0, or -errno where standard
// error does not lead to the journal, or the journal takes nothing.
int journal_tell(const struct outcome *outcome, const char *application, const char *line);
