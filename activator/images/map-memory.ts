// Turns memory that CRIU would copy at each restore into memory that it maps: every long run of dumped pages becomes a
// private mapping of the file that holds them. Pure; map-images.ts reads and writes the files.
//
// The pages image of the dump becomes that file as it is, under another name, and what is still to be copied goes into a
// new, small pages image. INVARIANTS: every page has the bytes that it had, from one file or the other; CRIU finds a
// page's place by adding up the pagemap, so pages that stay keep their order; areas stay sorted; and no two processes
// share a record: CRIU would take areas of a parent and its child with the same bounds for the same memory, wherever in
// the file they lie (check_cow_vmas in criu/mem.c).

import { GrenadineError } from '../../generator/config/error.js';
import type { ImageFile } from './image-file.js';
import { memoryFileMode, memoryFileName, memoryFilePath, memoryFileTailBytes } from '../store/memory-file.js';
import {
  areasOf,
  boundsOf,
  MAP_ANONYMOUS,
  mappableRuns,
  recordOfMemory,
  pageBytes,
  pagesOf,
  type Run,
  type MappingRules,
} from './memory-areas.js';
import { fdType, fileEntry, fown, mm, pagemapEntry, regFile, vma, vmaStatus } from './schema.js';
import {
  bytesField,
  encodeMessage,
  getMessage,
  getText,
  getUint,
  setUint,
  uintField,
  type Message,
} from './wire.js';

export interface ProcessMemory {
  readonly mm: ImageFile;
  readonly pagemap: ImageFile;
  /** The name that the pages image will have as the file that memory is mapped from, and its size, without the tail. */
  readonly fileName: string;
  readonly fileBytes: number;
}

/** A place in the old pages image. */
export interface PageRange {
  readonly page: number;
  readonly count: number;
}

export interface MappedProcess {
  readonly mm: ImageFile;
  readonly pagemap: ImageFile;
  /** What of the old pages image makes the new one, in this order; undefined: nothing is mapped, it stays as it is. */
  readonly kept: readonly PageRange[] | undefined;
  /** What is mapped now, by this edit or by one before. */
  readonly mappedBytes: number;
}

export interface MappedMemory {
  readonly files: ImageFile;
  /** In the order of those that went in. */
  readonly processes: readonly MappedProcess[];
}

const O_LARGEFILE = 0o100000;
const S_IFREG = 0o100000;

export function mapMemory(
  files: ImageFile,
  processes: readonly ProcessMemory[],
  rules: MappingRules,
): MappedMemory {
  const records = openRecords(files);
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
    const edited = editAreas(areas, runs, records, runs.length === 0 ? 0 : records.add(memoryRecord(one)));
    const rest = withoutRuns(entries, runs);
    return {
      mm: { ...one.mm, entries: [replaceAreas(memory, edited)] },
      pagemap: { ...one.pagemap, entries: [head, ...rest.entries] },
      kept: runs.length === 0 ? undefined : rest.kept,
      mappedBytes:
        bytesOf(runs.filter(({ area }) => !isOlder(areas[area]))) +
        bytesOf(areas.filter(isOlder).map(boundsOf)),
    };
  });
  return { files: { ...files, entries: records.entries }, processes: mapped };
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

/** The records of regular files, to which files of memory are added. */
interface Records {
  /** Of files that memory was mapped from before. */
  readonly older: ReadonlySet<number>;
  /** A record of that file that this process alone has. */
  readonly alone: (older: number) => number;
  readonly add: (record: Message) => number;
  readonly entries: readonly Message[];
}

function openRecords(files: ImageFile): Records {
  const entries = [...files.entries];
  const idOf = (entry: Message): number => getUint(entry, fileEntry.id) ?? 0;
  const older = new Map(
    entries.flatMap((entry) => {
      const record = getMessage(entry, fileEntry.reg);
      const path = record === undefined ? undefined : getText(record, regFile.name);
      return record === undefined || memoryFileName(path ?? '') === undefined ? [] : [[idOf(entry), record]];
    }),
  );
  const taken = new Set<number>();
  let last = entries.reduce((most, entry) => Math.max(most, idOf(entry)), 0);
  const add = (record: Message): number => {
    last += 1;
    entries.push([
      uintField(fileEntry.type, fdType.REG),
      uintField(fileEntry.id, last),
      bytesField(fileEntry.reg, encodeMessage(setUint(record, regFile.id, last))),
    ]);
    return last;
  };
  return {
    older: new Set(older.keys()),
    add,
    alone: (id) => {
      const record = taken.has(id) ? older.get(id) : undefined;
      taken.add(id);
      return record === undefined ? id : add(record);
    },
    entries,
  };
}

/** Every required field of reg_file_entry; size and mode are checked by CRIU as for any file. */
function memoryRecord({ fileName, fileBytes }: ProcessMemory): Message {
  const nobody = Object.values(fown).map((field) => uintField(field, 0));
  return [
    uintField(regFile.id, 0),
    uintField(regFile.flags, O_LARGEFILE),
    uintField(regFile.pos, 0),
    bytesField(regFile.fown, encodeMessage(nobody)),
    bytesField(regFile.name, Buffer.from(memoryFilePath(fileName))),
    uintField(regFile.size, fileBytes + memoryFileTailBytes),
    uintField(regFile.mode, S_IFREG | memoryFileMode),
  ];
}

/** `alone` and `fresh` are asked once for each record of one process. */
function editAreas(
  areas: readonly Message[],
  runs: readonly Run[],
  records: Records,
  fresh: number,
): readonly Message[] {
  const byArea = new Map<number, Run[]>();
  for (const run of runs) {
    const inside = byArea.get(run.area);
    if (inside === undefined) byArea.set(run.area, [run]);
    else inside.push(run);
  }
  const own = new Map<number, number>();
  const ownRecord = (older: number): number => {
    const record = own.get(older) ?? records.alone(older);
    own.set(older, record);
    return record;
  };
  return areas.flatMap((area, index) => {
    const older = recordOfMemory(area, records.older);
    const rest = older === undefined ? area : setUint(area, vma.shmid, ownRecord(older));
    const inside = byArea.get(index);
    return inside === undefined ? [rest] : splitArea(rest, inside, older !== undefined, fresh);
  });
}

/** What lies between the runs stays what it was, of an older file further on in that file. */
function splitArea(
  area: Message,
  runs: readonly Run[],
  isOfFile: boolean,
  record: number,
): readonly Message[] {
  const { from: start, to: end } = boundsOf(area);
  const offset = getUint(area, vma.pgoff) ?? 0;
  const between = (from: number, to: number): readonly Message[] => {
    if (from === to) return [];
    const part = setUint(setUint(area, vma.start, from), vma.end, to);
    return [isOfFile ? setUint(part, vma.pgoff, offset + from - start) : part];
  };
  let at = start;
  const parts = runs.flatMap((run) => {
    const before = between(at, run.from);
    at = run.to;
    return [...before, mappedArea(area, run, record)];
  });
  return [...parts, ...between(at, end)];
}

/** Protection, advice and everything else that is known or unknown of the area stay. */
function mappedArea(area: Message, { from, to, page }: Run, record: number): Message {
  const changes: readonly (readonly [field: number, value: number])[] = [
    [vma.start, from],
    [vma.end, to],
    [vma.pgoff, page * pageBytes],
    [vma.shmid, record],
    [vma.flags, (getUint(area, vma.flags) ?? 0) & ~MAP_ANONYMOUS],
    [vma.status, vmaStatus.REGULAR | vmaStatus.FILE_PRIVATE],
    [vma.fdflags, O_LARGEFILE],
  ];
  return changes.reduce((changed, [field, value]) => setUint(changed, field, value), area);
}

interface Rest {
  readonly entries: readonly Message[];
  readonly kept: readonly PageRange[];
}

/** The pagemap of what is still to be copied, and where those pages lay. */
function withoutRuns(pagemap: readonly Message[], runs: readonly Run[]): Rest {
  const entries: Message[] = [];
  const kept: PageRange[] = [];
  let page = 0;
  let next = 0;
  for (const entry of pagemap) {
    const { from, count, isPresent } = pagesOf(entry);
    if (!isPresent) {
      entries.push(entry);
      continue;
    }
    const to = from + count * pageBytes;
    const keep = (start: number, end: number): void => {
      if (start >= end) return;
      entries.push(
        start === from && end === to ? entry : resizeEntry(entry, start, (end - start) / pageBytes),
      );
      kept.push({ page: page + (start - from) / pageBytes, count: (end - start) / pageBytes });
    };
    let at = from;
    for (let run = runs[next]; run !== undefined && run.from < to; run = runs[next]) {
      keep(at, run.from);
      at = Math.min(run.to, to);
      if (run.to > to) break;
      next += 1;
    }
    keep(at, to);
    page += count;
  }
  return { entries, kept };
}

function resizeEntry(entry: Message, from: number, count: number): Message {
  const hasCount = getUint(entry, pagemapEntry.nr_pages) !== undefined;
  const field = hasCount ? pagemapEntry.nr_pages : pagemapEntry.compat_nr_pages;
  return setUint(setUint(entry, pagemapEntry.vaddr, from), field, count);
}
