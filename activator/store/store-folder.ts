// Folders and small files of the store, opened without trusting what lies there: no link is followed, a folder must be
// ours and closed to others, a file may not be larger than it should. Decides nothing about snapshots.

import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GrenadineError } from '../../generator/config/error.js';
import { isMissing, syncPath } from './durable-file.js';

/** Manifests name every mapped file and image: far below this, but not tiny. */
const maxTextBytes = 16 * 1024 * 1024;

/** Makes the folder, so that it outlives a power cut (its parent must exist), or checks the one that is there: `store-unsafe`. */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
    await syncPath(dirname(path));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    await checkFolder(path);
  }
}

async function checkFolder(path: string): Promise<void> {
  const found = await lstat(path);
  const isOurs = found.uid === process.geteuid?.();
  if (!found.isDirectory() || !isOurs || (found.mode & 0o022) !== 0) {
    throw new GrenadineError('store-unsafe', `'${path}' is not a folder that only its owner may write to`);
  }
}

/** The names of the real folders in `path`, sorted; none when it does not exist. */
export async function foldersIn(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** The text of a regular file of the store; `store-unsafe` when it is something else or too large. */
export async function readText(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > maxTextBytes)
      throw new GrenadineError('store-unsafe', `'${path}' is no small file`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

export async function hasFile(folder: string, name: string): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.some((entry) => entry.name === name && entry.isFile());
}

/** Bytes that the files below `path` take on disk; a file that snapshots share by hard links counts in equal parts in each. */
export async function bytesOnDisk(path: string): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  const blocks = await Promise.all(
    files.map(async (entry) => {
      const { blocks, nlink } = await lstat(join(entry.parentPath, entry.name));
      return blocks / nlink;
    }),
  );
  return Math.round(blocks.reduce((sum, count) => sum + count, 0) * 512);
}

/**
 * Removes a folder and what is in it. INVARIANT: files are unlinked, never truncated: a living process may have them
 * mapped, and would die of SIGBUS. rm(3)-like removal of Node unlinks and follows no link.
 */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
