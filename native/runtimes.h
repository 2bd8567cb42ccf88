// What language runtimes that are known need for a good snapshot: words in their environment when they boot
// cold, and a signal before they are dumped.
#pragma once

// In the child that becomes the application, with its credentials. Returns 0 or -errno.
int runtimes_set_environment(void);

// Inside the application's namespaces: has every Ruby that came up with that environment put its memory in
// order, and waits for it, ten seconds at most. Returns an exit status.
int runtimes_settle(void);
