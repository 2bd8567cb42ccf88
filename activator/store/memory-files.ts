// Files that memory is mapped from, shared between snapshots: one of a restored application holds the files of the
// snapshot that it came from, by hard links, beside what has changed since. Each is thus kept until the last one goes.

import { link, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GrenadineError } from '../../generator/config/error.js';
import { isMissing } from './durable-file.js';
import { foldersIn } from './store-folder.js';
import { applicationPaths } from './store-paths.js';

/** Links `files` into `draft`/criu from whichever snapshot has them; `memory-missing` when none has. */
export async function linkMemory(
  root: string,
  name: string,
  draft: string,
  files: readonly string[],
): Promise<void> {
  const { snapshots, quarantine } = applicationPaths(root, name);
  const homes: string[] = [];
  for (const parent of [snapshots, quarantine])
    homes.push(...(await foldersIn(parent)).map((id) => join(parent, id, 'criu')));
  for (const file of files) {
    const home = await firstWith(homes, file);
    if (home === undefined)
      throw new GrenadineError(
        'memory-missing',
        `${name} runs on memory of a snapshot that was removed meanwhile; systemctl restart ${name}, or: grenadine bake ${name}`,
      );
    await link(join(home, file), join(draft, 'criu', file));
  }
}

async function firstWith(homes: readonly string[], file: string): Promise<string | undefined> {
  for (const home of homes) {
    try {
      if ((await stat(join(home, file))).isFile()) return home;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return undefined;
}
