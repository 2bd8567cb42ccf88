// How snapshots leave the store: quarantined because they failed, pruned because they are old, swept because a bake was
// interrupted. INVARIANTS: neither `current` nor `pin` points to what is leaving; files are unlinked, never truncated.

import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { GrenadineError } from '../../generator/config/error.js';
import { replaceFile, syncPath } from './durable-file.js';
import { ensureFolder, foldersIn, removeFolder } from './store-folder.js';
import { applicationPaths, quarantinePath, snapshotPath, type ApplicationPaths } from './store-paths.js';
import { chosenSnapshot, listSnapshots, storedApplications, unchoose } from './stored-snapshots.js';

/** Takes a snapshot out of service and keeps it beside its reason, in the file `why`. */
export async function quarantine(root: string, name: string, id: string, why: string): Promise<void> {
  const paths = applicationPaths(root, name);
  const from = snapshotPath(paths, id);
  const to = quarantinePath(paths, id);
  if (!(await foldersIn(paths.snapshots)).includes(id)) {
    throw new GrenadineError('snapshot-missing', `'${name}' has no snapshot ${id}`);
  }
  for (const choice of ['current', 'pin'] as const)
    if ((await chosenSnapshot(root, name, choice)) === id) await unchoose(root, name, choice);
  await ensureFolder(paths.quarantine);
  await removeFolder(to);
  await rename(from, to);
  await replaceFile(join(to, 'why'), `${why}\n`);
  for (const folder of [to, paths.quarantine, paths.snapshots]) await syncPath(folder);
}

/** Keeps the newest `keep` whole snapshots, the current one and the pinned one; returns the ids of those removed. */
export async function prune(root: string, name: string, keep: number): Promise<readonly string[]> {
  const paths = applicationPaths(root, name);
  const { whole } = await listSnapshots(root, name);
  const leaving = whole
    .filter(({ isCurrent, isPinned }, at) => at >= keep && !isCurrent && !isPinned)
    .map(({ id }) => id);
  for (const id of leaving) await removeSnapshot(paths, id);
  return leaving;
}

/** Out of sight in one step first, so that nobody ever finds half a snapshot. */
async function removeSnapshot(paths: ApplicationPaths, id: string): Promise<void> {
  const leaving = join(paths.tmp, `leaving-${id}`);
  await ensureFolder(paths.tmp);
  await removeFolder(leaving);
  await rename(snapshotPath(paths, id), leaving);
  await syncPath(paths.snapshots);
  await removeFolder(leaving);
}

/** Removes what an interrupted bake or removal left in tmp/. Only at start: nothing may be baking. Returns what it removed. */
export async function sweep(root: string): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const name of await storedApplications(root)) {
    const { tmp } = applicationPaths(root, name);
    for (const leftover of await foldersIn(tmp)) {
      await removeFolder(join(tmp, leftover));
      removed.push(join(tmp, leftover));
    }
  }
  return removed;
}
