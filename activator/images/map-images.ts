// Maps the memory of a dump in place, or takes that back: reads the images that map-memory.ts edits, and writes what it
// made of them. Memory itself is copied in page-files.ts.

import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readdir, rename, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { GrenadineError } from '../../generator/config/error.js';
import { memoryFileMode, memoryFileTailBytes, newMemoryFileName } from '../store/memory-file.js';
import { loadImage, replaceImage } from './image-folder.js';
import { leaveOutZeros, mapMemory, type MappedProcess, type ProcessMemory } from './map-memory.js';
import type { MappingRules } from './memory-areas.js';
import { copyPages, findZeroPages } from './page-files.js';
import { pagemapHead } from './schema.js';
import { getUint } from './wire.js';

export interface MappedImages {
  /** How much memory is mapped from now on. */
  readonly bytes: number;
  /** Takes all of it back, or makes it final. One of the two must be called. */
  readonly undo: () => Promise<void>;
  readonly keep: () => Promise<void>;
}

const limits = { leastPages: 4, mostRuns: 8192 };

interface DumpedProcess extends ProcessMemory {
  readonly mmName: string;
  readonly pagemapName: string;
  readonly pagesName: string;
}

/** `directory` holds the images of a dump, `aside` is a folder yet to be made on the same file system. */
export async function mapImages(
  directory: string,
  aside: string,
  { takesUninherited }: Pick<MappingRules, 'takesUninherited'>,
): Promise<MappedImages> {
  const token = randomBytes(8).toString('hex');
  const pids = (await readdir(directory)).flatMap((name) => /^mm-([0-9]+)\.img$/.exec(name)?.[1] ?? []);
  const files = await loadImage(directory, 'files.img', 'files');
  const dumped = await Promise.all(pids.map((pid) => loadProcess(directory, pid, token)));
  const mapped = mapMemory(files, dumped, { ...limits, takesUninherited });
  const undo = async (): Promise<void> => {
    for (const name of await readdir(aside)) {
      // The same file as the one that was to be mapped from, without its tail.
      const cut = dumped.find(({ pagesName }) => pagesName === name);
      if (cut !== undefined) await truncate(join(aside, name), cut.fileBytes);
      await rename(join(aside, name), join(directory, name));
    }
    for (const { fileName } of dumped) await rm(join(directory, fileName), { force: true });
    await rm(aside, { recursive: true });
  };
  await mkdir(aside, { mode: 0o700 });
  try {
    const names = dumped.flatMap(({ mmName, pagemapName, pagesName }) => [mmName, pagemapName, pagesName]);
    for (const name of ['files.img', ...names]) await link(join(directory, name), join(aside, name));
    for (const [index, process] of mapped.processes.entries()) {
      const before = dumped[index];
      if (before !== undefined) await writeProcess(directory, before, process);
    }
    await replaceImage(directory, 'files.img', mapped.files);
  } catch (error) {
    await undo();
    throw error;
  }
  return {
    bytes: mapped.processes.reduce((sum, { mappedBytes }) => sum + mappedBytes, 0),
    undo,
    keep: () => rm(aside, { recursive: true }),
  };
}

async function loadProcess(directory: string, pid: string, token: string): Promise<DumpedProcess> {
  const mmName = `mm-${pid}.img`;
  const pagemapName = `pagemap-${pid}.img`;
  const pagemap = await loadImage(directory, pagemapName, 'pagemap');
  const pages = getUint(pagemap.entries[0] ?? [], pagemapHead.pages_id);
  if (pages === undefined) throw new GrenadineError('image-incomplete', `'${pagemapName}' names no pages`);
  const pagesName = `pages-${pages}.img`;
  const { size } = await stat(join(directory, pagesName));
  return {
    ...{ mmName, pagemapName, pagesName, pagemap },
    mm: await loadImage(directory, mmName, 'mm'),
    fileName: newMemoryFileName(token, pages),
    fileBytes: size,
  };
}

async function writeProcess(directory: string, before: DumpedProcess, process: MappedProcess): Promise<void> {
  await replaceImage(directory, before.mmName, process.mm);
  if (process.isUnchanged) return;
  const pages = join(directory, before.pagesName);
  const memory = join(directory, before.fileName);
  const left = leaveOutZeros(process, await findZeroPages(pages, process.kept));
  await rename(pages, memory);
  await chmod(memory, memoryFileMode);
  await truncate(memory, before.fileBytes + memoryFileTailBytes);
  await copyPages(memory, pages, left.kept);
  await replaceImage(directory, before.pagemapName, left.pagemap);
}
