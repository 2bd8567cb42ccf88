// Looks at the files that snapshots depend on: each once, however many snapshots share it, a few at a time. Compares
// nothing; changes.ts does.

import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { ManifestFile } from '../store/manifest.js';
import { buildIdAt } from './build-id.js';
import { needsBuildId, type FileFacts } from './changes.js';
import { digestAt } from './environment.js';
import { statIfThere } from './stat-if-there.js';

export interface FileSighting {
  /** undefined: there is no such file, or it is no regular one. */
  readonly facts: FileFacts | undefined;
  /** Where a change would show: the file's directory, or the nearest one above that is there, and the name in it. */
  readonly directory: string;
  readonly name: string;
  /** Whoever was asked for it did not say whether it is there. */
  readonly isUnknown: boolean;
}

/** libuv has four threads for files; more than a few in line would only keep others waiting. */
const mostAtOnce = 16;

/** By path. */
export async function lookAtFiles(
  files: readonly ManifestFile[],
): Promise<ReadonlyMap<string, FileSighting>> {
  const records = byPath(files);
  const found = new Map<string, FileSighting>();
  const waiting = records.entries();
  const work = async (): Promise<void> => {
    for (const [path, same] of waiting) found.set(path, await lookAtFile(path, same));
  };
  await Promise.all(Array.from({ length: mostAtOnce }, work));
  return found;
}

function byPath(files: readonly ManifestFile[]): ReadonlyMap<string, readonly ManifestFile[]> {
  const records = new Map<string, ManifestFile[]>();
  for (const file of files) {
    const same = records.get(file.path);
    if (same === undefined) records.set(file.path, [file]);
    else same.push(file);
  }
  return records;
}

async function lookAtFile(path: string, records: readonly ManifestFile[]): Promise<FileSighting> {
  const found = await statIfThere(path).catch(() => 'unknown' as const);
  if (found === 'unknown' || found?.isFile() !== true)
    return { facts: undefined, isUnknown: found === 'unknown', ...(await nearestPlace(path)) };
  const seen = { size: found.size, mtimeSec: Math.floor(found.mtimeMs / 1000) };
  const asked = records.find((file) => needsBuildId(file, seen));
  const identify = asked?.use === 'environment' ? digestAt : buildIdAt;
  return {
    facts: { ...seen, buildId: asked === undefined ? undefined : await identify(path) },
    directory: dirname(path),
    name: basename(path),
    isUnknown: false,
  };
}

async function nearestPlace(path: string): Promise<Pick<FileSighting, 'directory' | 'name'>> {
  const directory = dirname(path);
  const isThere = await stat(directory).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isThere || directory === path || directory === '.'
    ? { directory, name: basename(path) }
    : nearestPlace(directory);
}
