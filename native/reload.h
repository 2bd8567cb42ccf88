// `grenadine-launch --reload`, which ExecReload= runs: asks the unit's main process for a switch.
#pragma once

#include "options.h"

// Returns 0, or -errno with what went wrong. Waits for the switch as long as it takes, systemd bounds it,
// and then for the old generation to end, which the main process bounds.
int reload_service(const struct options *options, char ret_complaint[static DETAIL_MAX]);
