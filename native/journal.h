// The journal's own protocol, for the lines that programs want to find again: how the application came up,
// and what went wrong on the way.
#pragma once

#include "outcome.h"

// Logs the line with every pair of the outcome as a field of its own. Returns 0, or -errno where standard
// error does not lead to the journal, or the journal takes nothing.
int journal_tell(const struct outcome *outcome, const char *application, const char *line);

// Logs the line as a warning of a kind, with the snapshot that it is about, if any, and why. Same answer.
int journal_warn(const char *message_id, const char *application, const char *line, const char *snapshot,
                 const struct refusal *why);
