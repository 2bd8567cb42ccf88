// Maps the memory of a dump in place, or takes that back: reads the images that map-memory.ts edits, and writes what it
// made of them. Memory goes through a small buffer: a dump may be larger than the activator may ever become.

import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import {
  chmod,
  link,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  stat,
  truncate,
  type FileHandle,
} from 'node:fs/promises';
import { join } from 'node:path';
import { GrenadineError } from '../../generator/config/error.js';
import { loadImage, replaceImage } from './image-folder.js';
import { mapMemory, type MappedProcess, type ProcessMemory } from './map-memory.js';
import { pageBytes, type MappingRules } from './memory-areas.js';
import { memoryFileMode, memoryFileTailBytes, newMemoryFileName } from '../store/memory-file.js';
import type { PageRange } from './remaining-pages.js';
import { pagemapHead } from './schema.js';
import { getUint } from './wire.js';

export interface MappedImages {
  /** How much memory is mapped from now on. */
  readonly bytes: number;
  /** Takes all of it back, or makes it final. One of the two must be called. */
  readonly undo: () => Promise<void>;
  readonly keep: () => Promise<void>;
}

const limits = { leastPages: 16, mostRuns: 8192 };
const bufferBytes = 1 << 20;

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
  const names = dumped.flatMap(({ mmName, pagemapName, pagesName }) => [mmName, pagemapName, pagesName]);
  const undo = async (): Promise<void> => {
    // The same file as the one that was to be mapped from, without its tail.
    for (const { pagesName, fileBytes } of dumped) await truncate(join(aside, pagesName), fileBytes);
    for (const name of await readdir(aside)) await rename(join(aside, name), join(directory, name));
    for (const { fileName } of dumped) await rm(join(directory, fileName), { force: true });
    await rm(aside, { recursive: true });
  };
  await mkdir(aside, { mode: 0o700 });
  for (const name of ['files.img', ...names]) await link(join(directory, name), join(aside, name));
  try {
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
  const { kept } = process;
  if (kept !== undefined) {
    const pages = join(directory, before.pagesName);
    const memory = join(directory, before.fileName);
    await rename(pages, memory);
    await chmod(memory, memoryFileMode);
    await truncate(memory, before.fileBytes + memoryFileTailBytes);
    await copyRanges(memory, pages, kept);
  }
  await replaceImage(directory, before.mmName, process.mm);
  await replaceImage(directory, before.pagemapName, process.pagemap);
}

/** The pages of `from` that `ranges` name, one after the other, as a new file. */
async function copyRanges(from: string, to: string, ranges: readonly PageRange[]): Promise<void> {
  const source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const target = await open(to, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      await copyThrough(Buffer.allocUnsafe(bufferBytes), source, target, ranges);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Most ranges are of a few pages, so they are gathered: one write for many reads. */
async function copyThrough(
  buffer: Buffer,
  source: FileHandle,
  target: FileHandle,
  ranges: readonly PageRange[],
): Promise<void> {
  let filled = 0;
  for (const { page, count } of ranges) {
    let at = page * pageBytes;
    const end = at + count * pageBytes;
    while (at < end) {
      const { bytesRead } = await source.read(buffer, filled, Math.min(buffer.length - filled, end - at), at);
      if (bytesRead === 0) throw new GrenadineError('image-truncated', 'the pages image ends early');
      at += bytesRead;
      filled += bytesRead;
      if (filled < buffer.length) continue;
      await target.writeFile(buffer);
      filled = 0;
    }
  }
  await target.writeFile(buffer.subarray(0, filled));
}
