// What the canary holds over a dump and a restore, and whether it is still what it was.
#pragma once

#include <stdio.h>

// Makes all of it, before anything is dumped. -errno when the host gives something not even to a program
// that boots.
int held_begin(void);

// One line for each thing: NAME=ok, or NAME= and what is wrong. Each is used, not only looked at.
void held_tell(FILE *to);
