// Where things are on an installed system. Every path of the launcher hangs off these.
#pragma once

#define STATE_DIRECTORY "/var/lib/grenadine"
#define RUNTIME_DIRECTORY "/run/grenadine"
#define CONTROL_DIRECTORY RUNTIME_DIRECTORY "/control"
#define OUTCOME_DIRECTORY RUNTIME_DIRECTORY "/outcome"
#define WORK_DIRECTORY RUNTIME_DIRECTORY "/work"
#define SCRATCH_DIRECTORY RUNTIME_DIRECTORY "/scratch"
// An empty directory: the mount point that the new root is built on, in the new mount namespace alone.
#define ROOT_DIRECTORY RUNTIME_DIRECTORY "/root"
// What runtimes load of ours; part of the package.
#define RUNTIMES_DIRECTORY "/usr/lib/grenadine/runtimes"
// Libraries in place of those that criu is linked with and does not call when it restores; part of the
// package.
#define UNCALLED_DIRECTORY "/usr/lib/grenadine/uncalled"
// Where the images of a snapshot are mounted whose memory is mapped; its images name their files by it.
#define MEMORY_DIRECTORY RUNTIME_DIRECTORY "/memory"
// Where an application finds its seed, in its mount namespace alone.
#define SEED_DIRECTORY RUNTIME_DIRECTORY "/seed"
#define SEED_FILE SEED_DIRECTORY "/seed"
// What the images call the files below that we open ourselves. Nothing is there: criu opens none of them.
#define EXPOSED_DIRECTORY RUNTIME_DIRECTORY "/exposed"
