// The snapshots of one application on disk: list them, read their plans, say which is current. publish.ts adds,
// retention.ts takes away.

import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { GrenadineError } from '../../generator/config/error.js';
import { isMissing, replaceLink, syncPath, unlinkIfThere } from './durable-file.js';
import { snapshotId, type Manifest } from './manifest.js';
import { parsePlan, type Plan } from './plan.js';
import { readManifest } from './read-manifest.js';
import { bytesOnDisk, foldersIn, readText } from './store-folder.js';
import {
  applicationPaths,
  isApplicationName,
  isSnapshotId,
  linkedId,
  linkTarget,
  snapshotPath,
  type ApplicationPaths,
} from './store-paths.js';

export interface StoredSnapshot {
  readonly id: string;
  readonly isCurrent: boolean;
  readonly manifest: Manifest;
  /** What it takes on disk. */
  readonly bytes: number;
}

/** A snapshot whose manifest cannot be read or does not match its id: it never serves. */
export interface DamagedSnapshot {
  readonly id: string;
  readonly isCurrent: boolean;
  readonly why: string;
}

export interface Inventory {
  /** Newest first. */
  readonly whole: readonly StoredSnapshot[];
  readonly damaged: readonly DamagedSnapshot[];
}

export async function listSnapshots(root: string, name: string): Promise<Inventory> {
  const paths = applicationPaths(root, name);
  const current = await currentSnapshot(root, name);
  const ids = (await foldersIn(paths.snapshots)).filter(isSnapshotId);
  const found = await Promise.all(ids.map((id) => storedSnapshot(paths, id, id === current)));
  const whole = found.flatMap((one) => ('manifest' in one ? [one] : []));
  return {
    whole: whole.sort((one, other) => other.manifest.createdUs - one.manifest.createdUs),
    damaged: found.flatMap((one) => ('why' in one ? [one] : [])),
  };
}

async function storedSnapshot(
  paths: ApplicationPaths,
  id: string,
  isCurrent: boolean,
): Promise<StoredSnapshot | DamagedSnapshot> {
  try {
    const folder = snapshotPath(paths, id);
    const text = await readText(join(folder, 'manifest.json'));
    if (snapshotId(text) !== id)
      throw new GrenadineError('manifest-invalid', 'the manifest does not match its id');
    return { id, isCurrent, manifest: readManifest(text), bytes: await bytesOnDisk(folder) };
  } catch (error) {
    return { id, isCurrent, why: error instanceof Error ? error.message : String(error) };
  }
}

/** The id that `current` points to, or undefined: no link, a foreign one, or one that leads nowhere. */
export async function currentSnapshot(root: string, name: string): Promise<string | undefined> {
  const paths = applicationPaths(root, name);
  try {
    const id = linkedId(await readlink(paths.current));
    return id !== undefined && (await foldersIn(paths.snapshots)).includes(id) ? id : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** `snapshot-missing` when there is no such snapshot. */
export async function makeCurrent(root: string, name: string, id: string): Promise<void> {
  const paths = applicationPaths(root, name);
  const target = linkTarget(id);
  if (!(await foldersIn(paths.snapshots)).includes(id)) {
    throw new GrenadineError('snapshot-missing', `'${name}' has no snapshot ${id}`);
  }
  await replaceLink(paths.current, target);
}

/** From now on the application boots cold, until the next publication. */
export async function dropCurrent(root: string, name: string): Promise<void> {
  const paths = applicationPaths(root, name);
  await unlinkIfThere(paths.current);
  await syncPath(paths.home).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

/** `plan-invalid`, or the file system's error. */
export async function readPlan(root: string, name: string, id: string): Promise<Plan> {
  return parsePlan(await readText(join(snapshotPath(applicationPaths(root, name), id), 'plan')));
}

/** Every application that has a folder here, whether it is configured or not. */
export async function storedApplications(root: string): Promise<readonly string[]> {
  return (await foldersIn(root)).filter(isApplicationName);
}
