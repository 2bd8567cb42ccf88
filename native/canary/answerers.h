// Those that the canary holds beside itself. What is begun returns 0 or -errno; what is checked, NULL or
// what is wrong.
#pragma once

// Before the thread: fork(2) takes along only who calls it.
int begin_child(void);
const char *check_child(void);

int begin_thread(void);
const char *check_thread(void);
