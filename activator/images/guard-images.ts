// Edits a dump so that CRIU opens and makes nothing where somebody but root decides what lies there, and says what the
// launcher has to open instead. Reads and writes the images; what is edited is decided in the pure files.

import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findExposed } from '../files/exposed.js';
import { memoryFileName } from '../store/memory-file.js';
import type { PlanFile } from '../store/plan.js';
import { guardFiles } from './exposed-files.js';
import { recordsOf } from './exposed-openings.js';
import { guardSockets, socketPathsOf } from './exposed-sockets.js';
import { fileUses, type ProcessImages } from './file-uses.js';
import type { ImageFile } from './image-file.js';
import { loadImage, replaceImage } from './image-folder.js';
import { core, taskIds, type ImageKind } from './schema.js';
import { getMessage, getUint } from './wire.js';

const remapImage = 'remap-fpath.img';

/** Memory that has no disk below it, if deleted while open, stays so; both are root's alone. */
const deletedFolders = { memory: '/run/grenadine/work', disk: '/var/lib/grenadine' };

/** `directory` holds images that editImages() has edited; `application` is a folder of the store. */
export async function guardImages(directory: string, application: string): Promise<readonly PlanFile[]> {
  const names = await readdir(directory);
  const files = await loadImage(directory, 'files.img', 'files');
  const processes = await loadProcesses(directory, names);
  const remaps = names.includes(remapImage)
    ? await loadImage(directory, remapImage, 'remap-fpath')
    : undefined;
  const paths = recordsOf(files)
    .map(({ path }) => path)
    .filter((path) => memoryFileName(path) === undefined);
  const exposed = await findExposed([...paths, ...socketPathsOf(files)]);
  if (exposed.size === 0) return [];
  const token = randomBytes(8).toString('hex');
  const memories = new Map<string, ImageFile>(
    processes.flatMap(({ pid, memory }) =>
      memory === undefined ? [] : [[`mm-${pid}.img`, memory] as const],
    ),
  );
  const guarded = guardFiles(
    { files: guardSockets(files, exposed), remaps, memories },
    fileUses(files, processes),
    exposed,
    (id, path) =>
      /^\/(dev\/shm|run)\//.test(path)
        ? join(deletedFolders.memory, `deleted-${token}-${id}`)
        : join(deletedFolders.disk, application, `deleted-${token}-${id}`),
  );
  await replaceImage(directory, 'files.img', guarded.files);
  for (const [name, image] of guarded.memories)
    if (image !== memories.get(name)) await replaceImage(directory, name, image);
  return guarded.opened;
}

async function loadProcesses(directory: string, names: readonly string[]): Promise<readonly ProcessImages[]> {
  const load = async (kind: ImageKind, number: number): Promise<ImageFile | undefined> => {
    const name = `${kind}-${number}.img`;
    return names.includes(name) ? loadImage(directory, name, kind) : undefined;
  };
  const processes: ProcessImages[] = [];
  // Of threads that are no processes there is a core, too, and nothing else.
  for (const pid of names.flatMap((name) => /^core-([0-9]+)\.img$/.exec(name)?.[1] ?? []).map(Number)) {
    const image = await loadImage(directory, `core-${pid}.img`, 'core');
    const main = image.entries[0];
    const ids =
      (await load('ids', pid))?.entries[0] ?? (main === undefined ? undefined : getMessage(main, core.ids));
    const table = ids === undefined ? undefined : getUint(ids, taskIds.files_id);
    processes.push({
      pid,
      core: image,
      descriptors: table === undefined ? undefined : await load('fdinfo', table),
      memory: await load('mm', pid),
      fs: await load('fs', pid),
    });
  }
  return processes;
}
