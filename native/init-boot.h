// Init's first child, where nothing is restored.
#pragma once

#include "application.h"
#include "init-state.h"

// Returns once the command was executed, or where that failed; PHASE_NONE is nowhere.
struct application_failure init_boot(struct init *init);
