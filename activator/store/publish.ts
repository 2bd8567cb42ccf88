// How a snapshot comes into the store: a private folder to bake in, then one rename. INVARIANT: what stands under
// snapshots/ is complete and on disk, and `current` never points to anything else.

import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GrenadineError } from '../../generator/config/error.js';
import { replaceFile, replaceLink, syncPath } from './durable-file.js';
import { remove } from './retention.js';
import { renderManifest, snapshotId, type Manifest } from './manifest.js';
import { parsePlan } from './plan.js';
import { ensureFolder, foldersIn, readText, removeFolder } from './store-folder.js';
import { applicationPaths, linkTarget, snapshotPath, unusedMark } from './store-paths.js';
import { choose, chosenSnapshot } from './stored-snapshots.js';

/** The parent of `root` must exist; the store is made as needed, closed to all but its owner. */
export async function beginBake(root: string, name: string): Promise<string> {
  const paths = applicationPaths(root, name);
  for (const folder of [root, paths.home, paths.snapshots, paths.tmp]) await ensureFolder(folder);
  const draft = join(paths.tmp, `bake-${randomBytes(6).toString('hex')}`);
  await mkdir(draft, { mode: 0o700 });
  await mkdir(join(draft, 'criu'), { mode: 0o700 });
  return draft;
}

/**
 * `draft` holds criu/, manifest.json as renderManifest wrote it, and the plan, which must name the id that follows from
 * the manifest. Codes: `bad-draft` when it does not, `snapshot-exists`. What fails is undone: a snapshot that may not be
 * on disk must not serve.
 */
export async function publish(
  root: string,
  name: string,
  draft: string,
  manifest: Manifest,
): Promise<string> {
  const paths = applicationPaths(root, name);
  if (dirname(draft) !== paths.tmp)
    throw new GrenadineError('bad-draft', `'${draft}' is no draft of '${name}'`);
  const id = snapshotId(renderManifest(manifest));
  await checkDraft(draft, name, id, manifest);
  // Synced with the rest below, and gone for good with the first start.
  if (manifest.reuse?.kind === 'once') await replaceFile(join(draft, unusedMark), '');
  if ((await foldersIn(paths.snapshots)).includes(id)) {
    throw new GrenadineError('snapshot-exists', `'${name}' already has a snapshot ${id}`);
  }
  await syncTree(draft);
  await rename(draft, snapshotPath(paths, id));
  const before = await chosenSnapshot(root, name, 'current');
  try {
    for (const folder of [paths.snapshots, paths.tmp]) await syncPath(folder);
    await replaceLink(paths.current, linkTarget(id));
  } catch (error) {
    await remove(root, name, id).catch(() => undefined);
    if (before !== undefined) await choose(root, name, 'current', before).catch(() => undefined);
    throw error;
  }
  return id;
}

async function checkDraft(draft: string, name: string, id: string, manifest: Manifest): Promise<void> {
  if (snapshotId(await readText(join(draft, 'manifest.json'))) !== id) {
    throw new GrenadineError(
      'bad-draft',
      `'${draft}/manifest.json' is not the manifest that is to be published`,
    );
  }
  const plan = parsePlan(await readText(join(draft, 'plan')));
  if (plan.isForOnce !== (manifest.reuse?.kind === 'once')) {
    throw new GrenadineError('bad-draft', `'${draft}/plan' and its manifest differ in how often it serves`);
  }
  if (plan.snapshot !== id || plan.application !== name) {
    throw new GrenadineError(
      'bad-draft',
      `'${draft}/plan' is of snapshot ${plan.snapshot} of '${plan.application}'`,
    );
  }
}

/** Removes an unpublished draft; one that is gone already is no error, a path that is none is `bad-draft`. */
export async function discard(root: string, draft: string): Promise<void> {
  const paths = applicationPaths(root, basename(dirname(dirname(draft))));
  if (dirname(draft) !== paths.tmp) throw new GrenadineError('bad-draft', `'${draft}' is no draft`);
  await removeFolder(draft);
}

/** Files before the folders that name them. */
async function syncTree(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await lstat(path);
    if (found.isDirectory()) await syncTree(path);
    else if (found.isFile()) await syncPath(path);
    else throw new GrenadineError('store-unsafe', `'${path}' is neither a file nor a folder`);
  }
  await syncPath(folder);
}
