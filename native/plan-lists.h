// Each adds what one line says to the plan. Returns 0 or -EBADMSG.
#pragma once

#include "plan.h"
#include "span.h"

// INDEX INODE [nonblock]
int plan_listener(struct span value, struct plan *plan);
// INDEX N; the listener's own line comes first
int plan_backlog(struct span value, struct plan *plan);
// INDEX LEVEL NAME HEX; the listener's own line comes first
int plan_option(struct span value, struct plan *plan);
// UID GID[ GROUP,GROUP...]
int plan_user(struct span value, struct plan *plan);
// USER FLAGS POSITION SIZE MTIME PATH; the user's own line comes first
int plan_file(struct span value, struct plan *plan);
