// stat(2) of a file that may be gone. A file system that does not answer says nothing of what lies in it.

import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** path_resolution(7): nothing lies there, or not there any more. */
const gone = ['ENOENT', 'ENOTDIR', 'ELOOP'];

/** undefined where there is nothing; rejects where nobody can tell, as when a server is away. */
export async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && gone.includes(String(error.code))) return undefined;
    throw error;
  }
}
