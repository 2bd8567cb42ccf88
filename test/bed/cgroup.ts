/**
 * The bed's own cgroup on the host. It keeps beds apart (systemd-nspawn makes `payload` and `supervisor` in
 * whatever cgroup it is started in), and it is how a bed ends at once and whole: cgroup.kill, see cgroups(7).
 */
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdir, readFile, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BedError } from './bed-error.js';
import { startCommand } from './run-command.js';

const killTimeoutMs = 10_000;

/** A cgroup that is gone, one that went while it was open, a process that is gone. */
const missing = new Set(['ENOENT', 'ENODEV', 'ESRCH']);

/** Makes a cgroup below the one that this process is in, so that it needs no leave of the host's systemd. */
export async function createCgroup(name: string): Promise<string> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  const mounted = mounts.split('\n').find((line) => line.includes(' - cgroup2 '));
  const mountPoint = mounted?.split(' ')[4];
  const own = /^0::(.*)$/m.exec(await readFile('/proc/self/cgroup', 'utf8'))?.[1];
  if (mountPoint === undefined || own === undefined) {
    throw new BedError(
      'host-unfit',
      'no cgroup2 file system is mounted: a bed needs one, on /sys/fs/cgroup or elsewhere',
    );
  }
  const cgroup = join(mountPoint, own, name);
  await mkdir(cgroup);
  return cgroup;
}

/**
 * Sees to it that the cgroup dies with this process, even when that is killed outright: a `cat` reads from a pipe
 * of ours, and our death closes the pipe. Returns what ends the guard (and the cgroup) on purpose.
 */
export async function guardCgroup(cgroup: string): Promise<() => Promise<void>> {
  const guard = await startCommand(['sh', '-c', 'cat; echo 1 >"$1/cgroup.kill"', 'bed-guard', cgroup], {
    ...{ stdin: 'pipe', stdout: 'ignore', stderr: 'ignore', isSession: true },
  });
  return async () => {
    guard.stdin?.end();
    await guard.ended;
  };
}

/** Moves a process, if it still lives, into a cgroup that is made if need be. */
export async function moveToCgroup(pid: number, cgroup: string): Promise<void> {
  await mkdir(cgroup, { recursive: true });
  await ignoringMissing(writeFile(join(cgroup, 'cgroup.procs'), String(pid)));
}

/** Kills everything in the cgroup and below. */
export async function killCgroup(cgroup: string): Promise<void> {
  await ignoringMissing(writeFile(join(cgroup, 'cgroup.kill'), '1'));
}

/** Kills everything in the cgroup, waits until it is gone, removes it. One that is gone already is fine. */
export async function removeCgroup(cgroup: string): Promise<void> {
  await killCgroup(cgroup);
  await ignoringMissing(waitUntilEmpty(join(cgroup, 'cgroup.events')));
  await ignoringMissing(removeTree(cgroup));
}

/** The kernel reports a change of `populated` to inotify, so there is nothing to poll. */
async function waitUntilEmpty(events: string): Promise<void> {
  const isEmpty = async (): Promise<boolean> => /^populated 0$/m.test(await readFile(events, 'utf8'));
  const signal = AbortSignal.timeout(killTimeoutMs);
  const watcher = watch(events);
  const nextChange = (): Promise<unknown> => {
    const change = once(watcher, 'change', { signal });
    // The last one asked for is waited for by nobody.
    change.catch(() => undefined);
    return change;
  };
  try {
    // Asked for before the look, so that no change falls between the two.
    for (let change = nextChange(); !(await isEmpty()); change = nextChange()) await change;
  } finally {
    watcher.close();
  }
}

async function removeTree(cgroup: string): Promise<void> {
  for (const entry of await readdir(cgroup, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTree(join(cgroup, entry.name));
  }
  await rmdir(cgroup);
}

async function ignoringMissing(act: Promise<void>): Promise<void> {
  try {
    await act;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && missing.has(String(error.code)))) throw error;
  }
}
