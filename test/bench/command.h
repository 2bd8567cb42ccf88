/* A command that runs while something else is measured. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Once in a program. Its output goes to our standard error. Returns 0, or -errno; a program that is not
 * there is a failure of the command. */
int command_start(char **command);

/* 0 while it runs; then when it ended, as now_us() has it. */
int64_t command_ended_us(void);

/* Waits for its end; says so when it failed. Once. */
bool command_succeeded(void);
