// The snapshots of one application on disk: list them, say which was chosen. publish.ts adds,
// retention.ts takes away.

import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { GrenadineError } from '../../generator/config/error.js';
import { isMissing, replaceLink, syncPath, unlinkIfThere } from './durable-file.js';
import { snapshotId, type Manifest } from './manifest.js';
import { readManifest } from './read-manifest.js';
import { bytesOnDisk, foldersIn, hasFile, readText } from './store-folder.js';
import {
  applicationPaths,
  isApplicationName,
  isSnapshotId,
  linkedId,
  linkTarget,
  reasonPath,
  snapshotPath,
  unusedMark,
  type ApplicationPaths,
} from './store-paths.js';

export interface StoredSnapshot {
  readonly id: string;
  readonly isCurrent: boolean;
  /** Somebody chose it: it goes before all others, whatever release is deployed. */
  readonly isPinned: boolean;
  /** It was for one start, and a start has had it. */
  readonly isUsed: boolean;
  readonly manifest: Manifest;
  /** What it takes on disk. */
  readonly bytes: number;
}

/** A snapshot whose manifest cannot be read or does not match its id, or that was being set aside: it never serves. */
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
  const chosen = {
    current: await chosenSnapshot(root, name, 'current'),
    pin: await chosenSnapshot(root, name, 'pin'),
  };
  const ids = (await foldersIn(paths.snapshots)).filter(isSnapshotId);
  const found = await Promise.all(ids.map((id) => storedSnapshot(paths, id, chosen)));
  const whole = found.flatMap((one) => ('manifest' in one ? [one] : []));
  const damaged = found.flatMap((one) => ('why' in one ? [one] : []));
  // One that has been removed since is not damaged.
  const left = damaged.length === 0 ? [] : await foldersIn(paths.snapshots);
  return {
    whole: whole.sort((one, other) => other.manifest.createdUs - one.manifest.createdUs),
    damaged: damaged.filter(({ id }) => left.includes(id)),
  };
}

async function storedSnapshot(
  paths: ApplicationPaths,
  id: string,
  chosen: Readonly<Record<Choice, string | undefined>>,
): Promise<StoredSnapshot | DamagedSnapshot> {
  const isCurrent = id === chosen.current;
  try {
    const folder = snapshotPath(paths, id);
    const reason = await readReason(folder);
    if (reason !== undefined) return { id, isCurrent, why: reason };
    const text = await readText(join(folder, 'manifest.json'));
    if (snapshotId(text) !== id)
      throw new GrenadineError('manifest-invalid', 'the manifest does not match its id');
    const manifest = readManifest(text);
    return {
      ...{ id, isCurrent, isPinned: id === chosen.pin },
      isUsed: manifest.reuse?.kind === 'once' && !(await hasFile(folder, unusedMark)),
      manifest,
      bytes: await bytesOnDisk(folder),
    };
  } catch (error) {
    if (isShortage(error)) throw error;
    return { id, isCurrent, why: error instanceof Error ? error.message : String(error) };
  }
}

/** Who set it aside was interrupted. */
async function readReason(folder: string): Promise<string | undefined> {
  try {
    return (await readText(reasonPath(folder))).trim();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Of descriptors or memory: says nothing of the snapshot. */
function isShortage(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && ['EMFILE', 'ENFILE', 'ENOMEM'].includes(String(error.code))
  );
}

/** Which snapshot a link names: `current` the newest one of what is deployed, `pin` the one that somebody chose. */
export type Choice = 'current' | 'pin';

/** The id that the link points to, or undefined: no link, a foreign one, or one that leads nowhere. */
export async function chosenSnapshot(
  root: string,
  name: string,
  choice: Choice,
): Promise<string | undefined> {
  const paths = applicationPaths(root, name);
  try {
    const id = linkedId(await readlink(paths[choice]));
    return id !== undefined && (await foldersIn(paths.snapshots)).includes(id) ? id : undefined;
  } catch (error) {
    // readlink(2): EINVAL is told of what is no link, a copied store for example.
    if (isMissing(error) || isNoLink(error)) return undefined;
    throw error;
  }
}

function isNoLink(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EINVAL';
}

/** `snapshot-missing` when there is no such snapshot. */
export async function choose(root: string, name: string, choice: Choice, id: string): Promise<void> {
  const paths = applicationPaths(root, name);
  const target = linkTarget(id);
  if (!(await foldersIn(paths.snapshots)).includes(id)) {
    throw new GrenadineError('snapshot-missing', `'${name}' has no snapshot ${id}`);
  }
  await replaceLink(paths[choice], target);
}

/** Takes the link away: without a pin `current` serves, without `current` the application boots cold. */
export async function unchoose(root: string, name: string, choice: Choice): Promise<void> {
  const paths = applicationPaths(root, name);
  await unlinkIfThere(paths[choice]);
  await syncPath(paths.home).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

/** Every application that has a folder here, whether it is configured or not. */
export async function storedApplications(root: string): Promise<readonly string[]> {
  return (await foldersIn(root)).filter(isApplicationName);
}
