// The seed of an application: random bytes that no other start of it has, in a file of its own.
#pragma once

// Mounts an empty file system over SEED_DIRECTORY, in the mount namespace of the caller alone, and writes
// SEED_FILE there, which everybody in the namespace may read. Returns 0 or -errno.
int seed_write(void);
