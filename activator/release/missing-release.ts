// Looks whether the release that a snapshot is of is still there, before anybody relies on it. Its files are watched
// (files/watch.ts), and CRIU looks again, closer.

import { stat } from 'node:fs/promises';
import type { Manifest } from '../store/manifest.js';

/** What is missing, in an operator's words; undefined when nothing is. */
export async function missingRelease({ release }: Manifest): Promise<string | undefined> {
  const { id, target } = release;
  const isThere = target === undefined || (await stat(target).catch(() => undefined)) !== undefined;
  return isThere ? undefined : `release ${id} is no longer in ${target}; deploy it again`;
}
