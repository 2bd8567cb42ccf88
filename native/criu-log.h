// What CRIU said of a failure.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// The error lines at the end of a log of criu's, each once, joined by "; ", as many as fit and "…" where
// that is not all; "" where there are none.
void criu_log_errors(const char *work, const char *log, char *ret, size_t size);

// Do they speak of what the host lacks, and not of the snapshot?
bool criu_log_blames_host(const char *errors);
