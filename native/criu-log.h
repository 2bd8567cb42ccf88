// What CRIU said of a failure.
#pragma once

#include <stddef.h>

// The error lines at the end of a log of criu's, each once, joined by "; ", as many as fit and "…" where
// that is not all; "" where there are none.
void criu_log_errors(const char *work, const char *log, char *ret, size_t size);
