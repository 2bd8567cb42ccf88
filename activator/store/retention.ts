// How snapshots leave the store: quarantined because they failed, removed because somebody or a limit said so, swept because
// a bake was interrupted. INVARIANTS: neither `current` nor `pin` points to what is leaving; files are unlinked, never truncated;
// whatever is interrupted is finished or undone at the next start.

import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { GrenadineError } from '../../generator/config/error.js';
import { freshName, replaceFile, syncPath, unlinkIfThere } from './durable-file.js';
import { ensureFolder, foldersIn, removeFolder } from './store-folder.js';
import { applicationPaths, quarantinePath, reasonPath, snapshotPath } from './store-paths.js';
import { chosenSnapshot, storedApplications, unchoose } from './stored-snapshots.js';

/**
 * Takes a snapshot out of service and keeps it with its reason, in the file `why`. From the moment in which that is there
 * it serves no more (stored-snapshots.ts), wherever a power cut comes. A store without room for the reason, or for the
 * folder, is no reason to keep what failed in service: then it goes without a word, and if it must, altogether.
 */
export async function quarantine(root: string, name: string, id: string, why: string): Promise<void> {
  const paths = applicationPaths(root, name);
  const from = snapshotPath(paths, id);
  const to = quarantinePath(paths, id);
  if (!(await foldersIn(paths.snapshots)).includes(id)) {
    throw new GrenadineError('snapshot-missing', `'${name}' has no snapshot ${id}`);
  }
  // One is kept, for whoever wants to know why: the last. First, for it makes room.
  await empty(paths.quarantine).catch(() => undefined);
  await condemn(from, why).catch(() => undefined);
  await unchooseEverywhere(root, name, id);
  try {
    await ensureFolder(paths.quarantine);
    await rename(from, to);
  } catch {
    await remove(root, name, id);
    return;
  }
  for (const folder of [paths.quarantine, paths.snapshots]) await syncPath(folder);
}

async function empty(folder: string): Promise<void> {
  for (const older of await foldersIn(folder)) await removeFolder(join(folder, older));
}

async function condemn(folder: string, why: string): Promise<void> {
  await replaceFile(reasonPath(folder), `${why}\n`);
  await syncPath(folder);
}

/** Out of sight in one step first, so that nobody ever finds half a snapshot. `snapshot-missing` when there is none. */
export async function remove(root: string, name: string, id: string): Promise<void> {
  const paths = applicationPaths(root, name);
  const leaving = join(paths.tmp, `leaving-${id}`);
  const from = snapshotPath(paths, id);
  if (!(await foldersIn(paths.snapshots)).includes(id)) {
    throw new GrenadineError('snapshot-missing', `'${name}' has no snapshot ${id}`);
  }
  await unchooseEverywhere(root, name, id);
  await ensureFolder(paths.tmp);
  await removeFolder(leaving);
  await rename(from, leaving);
  await syncPath(paths.snapshots);
  await removeFolder(leaving);
}

/** Whatever there is, down to its folder. No process of it may live. */
export async function forget(root: string, name: string): Promise<void> {
  const { home, current, pin } = applicationPaths(root, name);
  // First: what is found half removed must not serve.
  for (const link of [current, pin]) await unlinkIfThere(link);
  await removeFolder(home);
}

async function unchooseEverywhere(root: string, name: string, id: string): Promise<void> {
  for (const choice of ['current', 'pin'] as const)
    if ((await chosenSnapshot(root, name, choice)) === id) await unchoose(root, name, choice);
}

/** Removes what an interrupted bake, removal or choice left. Only at start: nothing may be baking. Returns what it removed. */
export async function sweep(root: string): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const name of await storedApplications(root)) {
    const { tmp, current, pin } = applicationPaths(root, name);
    for (const leftover of await foldersIn(tmp)) {
      await removeFolder(join(tmp, leftover));
      removed.push(join(tmp, leftover));
    }
    for (const link of [current, pin]) await unlinkIfThere(freshName(link));
  }
  return removed;
}
