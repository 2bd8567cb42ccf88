// Edits a dump in place: reads the images of DIR that the transplant and the loosening need, writes the changed ones
// back, each by rename, and returns what plan and manifest say of them. What is edited is decided in the pure files.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GrenadineError } from '../../generator/config/error.js';
import type { UnnamedSockets } from './foreign-socket.js';
import type { ImageFile } from './image-file.js';
import { loadImage, replaceImage } from './image-folder.js';
import { inspectDump, type DumpFacts, type DumpImages } from './inspect.js';
import { loosenFiles } from './loosen-files.js';
import { addPendingSignal } from './pending-signal.js';
import { quietFilters } from './quiet-filters.js';
import type { ImageKind } from './schema.js';
import { transplant, type PassedListener, type TransplantedListener } from './transplant.js';

export interface ImageFacts extends DumpFacts {
  /** The listeners that the dumped application still held, by index. */
  readonly listeners: readonly TransplantedListener[];
  /** Files whose size and mode are no longer checked at a restore. */
  readonly loosened: readonly string[];
  /** Bytes of memory in the dump. */
  readonly pagesBytes: number;
}

/** A program may be dumped that has no filter; ours always has one. */
const seccompImage = 'seccomp.img';

/** Has the signal pending when a restore of the images in `directory` goes on. `seed-unheard`: nobody would take it. */
export async function announceSeed(directory: string, signal: number): Promise<void> {
  const images = await readDump(directory, (await readdir(directory)).sort());
  const changed = addPendingSignal(images, signal);
  if (changed.size === 0)
    throw new GrenadineError(
      'seed-unheard',
      `no process of the application waits for signal ${signal}, which Seed= names`,
    );
  for (const [name, image] of changed) await replaceImage(directory, name, image);
}

/** `directory` holds criu's images, fresh from the dump and not yet edited. */
export async function editImages(
  directory: string,
  passed: readonly PassedListener[],
  unnamed: UnnamedSockets,
): Promise<ImageFacts> {
  const names = (await readdir(directory)).sort();
  const images = await readDump(directory, names);
  const facts = inspectDump(images);
  const moved = transplant(images, passed, unnamed);
  const loosened = loosenFiles(moved.files, images.mms);
  for (const [name, image] of moved.fdinfos) await replaceImage(directory, name, image);
  await replaceImage(directory, 'files.img', loosened.files);
  if (names.includes(seccompImage)) {
    const filters = await loadImage(directory, seccompImage, 'seccomp');
    await replaceImage(directory, seccompImage, quietFilters(filters));
  }
  const sizes = await Promise.all(
    names.filter(isPages).map(async (name) => (await stat(join(directory, name))).size),
  );
  return {
    ...facts,
    listeners: moved.listeners,
    loosened: loosened.paths,
    pagesBytes: sizes.reduce((sum, size) => sum + size, 0),
  };
}

function isPages(name: string): boolean {
  return /^pages-.*\.img$/.test(name);
}

export async function readDump(directory: string, names: readonly string[]): Promise<DumpImages> {
  const all = async (kind: ImageKind): Promise<ReadonlyMap<string, ImageFile>> => {
    const pattern = new RegExp(`^${kind}-[0-9]+\\.img$`);
    const found = names.filter((name) => pattern.test(name));
    return new Map(
      await Promise.all(found.map(async (name) => [name, await loadImage(directory, name, kind)] as const)),
    );
  };
  return {
    files: await loadImage(directory, 'files.img', 'files'),
    pstree: await loadImage(directory, 'pstree.img', 'pstree'),
    fdinfos: await all('fdinfo'),
    mms: [...(await all('mm')).values()],
    cores: await all('core'),
    ids: await all('ids'),
  };
}
