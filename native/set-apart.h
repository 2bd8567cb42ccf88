// How front/ marks the variables that are the application's, in place: by a bit of their names' first bytes,
// which are ASCII, so that nobody knows them.
#pragma once

enum { SET_APART = 0x80 };
