// Looks whether the files that a snapshot needs are still there, before anybody relies on it. CRIU looks again, closer.

import { stat } from 'node:fs/promises';
import type { Manifest } from '../store/manifest.js';

/** What is missing or replaced, in an operator's words; undefined when nothing is. */
export async function missingFile({ release, files }: Manifest): Promise<string | undefined> {
  if (release.target !== undefined && !(await isThere(release.target)))
    return `release ${release.id} is no longer in ${release.target}; deploy it again`;
  for (const { path, use, size } of files) {
    // What the application writes may have changed; what it runs may not.
    if (use !== 'code' || size === undefined) continue;
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return `${path} is missing`;
    if (found.size !== size) return `${path} has been replaced`;
  }
  return undefined;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
