// Turns memory that CRIU would copy at each restore into memory that it maps: every long run of dumped pages becomes a
// private mapping of the file that holds them. Pure; map-images.ts reads and writes the files.
//
// The pages image of the dump becomes that file as it is, under another name, and what is still to be copied goes into a
// new, small pages image. INVARIANTS: every page has the bytes that it had, from one file or the other, and areas stay
// sorted.

import { GrenadineError } from '../../generator/config/error.js';
import type { ImageFile } from './image-file.js';
import {
  areasOf,
  boundsOf,
  mappableRuns,
  pageBytes,
  pagesOf,
  recordOfMemory,
  type MappingRules,
} from './memory-areas.js';
import { openMemoryRecords } from './memory-records.js';
import { remainingPages, withoutZeros, type PageRange } from './remaining-pages.js';
import { mm } from './schema.js';
import { splitAreas } from './split-areas.js';
import { bytesField, encodeMessage, type Message } from './wire.js';

export interface ProcessMemory {
  readonly mm: ImageFile;
  readonly pagemap: ImageFile;
  /** The name that the pages image will have as the file that memory is mapped from, and its size, without the tail. */
  readonly fileName: string;
  readonly fileBytes: number;
}

export interface MappedProcess {
  readonly mm: ImageFile;
  readonly pagemap: ImageFile;
  /** What of the old pages image makes the new one, in this order. */
  readonly kept: readonly PageRange[];
  /** Nothing new is mapped: pages image and pagemap stay as they are. */
  readonly isUnchanged: boolean;
  /** What is mapped now, by this edit or by one before. */
  readonly mappedBytes: number;
}

export interface MappedMemory {
  readonly files: ImageFile;
  /** In the order of those that went in. */
  readonly processes: readonly MappedProcess[];
}

export function mapMemory(
  files: ImageFile,
  processes: readonly ProcessMemory[],
  rules: MappingRules,
): MappedMemory {
  const records = openMemoryRecords(files);
  const mapped = processes.map((one): MappedProcess => {
    const [head, ...entries] = one.pagemap.entries;
    const memory = one.mm.entries[0];
    if (head === undefined || memory === undefined)
      throw new GrenadineError('image-incomplete', `there is no memory to become '${one.fileName}'`);
    if (entries.reduce((sum, entry) => sum + fileBytesOf(entry), 0) !== one.fileBytes)
      throw new GrenadineError('image-truncated', `the pagemap is not that of '${one.fileName}'`);
    const areas = areasOf(memory);
    const isOlder = (area: Message = []): boolean => recordOfMemory(area, records.older) !== undefined;
    const runs = mappableRuns(areas, entries, records.older, rules);
    const fresh = runs.length === 0 ? 0 : records.add(one.fileName, one.fileBytes);
    const rest = remainingPages(entries, runs);
    return {
      mm: { ...one.mm, entries: [replaceAreas(memory, splitAreas(areas, runs, records, fresh))] },
      pagemap: { ...one.pagemap, entries: [head, ...rest.entries] },
      kept: rest.kept,
      isUnchanged: runs.length === 0,
      mappedBytes:
        bytesOf(runs.filter(({ area }) => !isOlder(areas[area]))) +
        bytesOf(areas.filter(isOlder).map(boundsOf)),
    };
  });
  return { files: { ...files, entries: records.entries }, processes: mapped };
}

/** The same without pages of zeros that need not be copied; `zeros` are numbers of pages in the old pages image. */
export function leaveOutZeros(process: MappedProcess, zeros: ReadonlySet<number>): MappedProcess {
  const [head, ...entries] = process.pagemap.entries;
  const [memory] = process.mm.entries;
  if (head === undefined || memory === undefined) return process;
  const rest = withoutZeros({ entries, kept: process.kept }, areasOf(memory), zeros);
  return {
    ...process,
    pagemap: { ...process.pagemap, entries: [head, ...rest.entries] },
    kept: rest.kept,
  };
}

function fileBytesOf(entry: Message): number {
  const { count, isPresent } = pagesOf(entry);
  return isPresent ? count * pageBytes : 0;
}

function bytesOf(ranges: readonly { readonly from: number; readonly to: number }[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** The areas come where the first of them was; CRIU writes them side by side. */
function replaceAreas(memory: Message, areas: readonly Message[]): Message {
  const first = memory.findIndex(({ number }) => number === mm.vmas);
  const others = memory.filter(({ number }) => number !== mm.vmas);
  const fields = areas.map((area) => bytesField(mm.vmas, encodeMessage(area)));
  return first < 0 ? memory : [...others.slice(0, first), ...fields, ...others.slice(first)];
}
