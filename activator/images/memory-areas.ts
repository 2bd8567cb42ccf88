// Which pages of a dumped process may be mapped from a file instead of being copied at each restore. Pure reading of a
// process's areas and its pagemap; map-memory.ts makes the images that say so.
//
// Only plain private anonymous memory, the data of programs and libraries, and what an earlier edit made of such: whoever
// asked for something special (MAP_LOCKED, MAP_GROWSDOWN, MADV_WIPEONFORK …) has it of anonymous memory alone (mmap(2),
// madvise(2)), and whoever maps a file by himself may discard it, to see the file again.

import { GrenadineError } from '../../generator/config/error.js';
import { mm, pagemapEntry, PE_PRESENT, vma, vmaStatus } from './schema.js';
import { getMessages, getUint, getUint64, type Message } from './wire.js';

export const pageBytes = 4096;

/** Pages side by side in one area and in the pages image; `from` and `to` are addresses, `page` counts from 0. */
export interface Run {
  readonly from: number;
  readonly to: number;
  readonly page: number;
  /** The area's place among those of the process. */
  readonly area: number;
}

/** What may be mapped of a process. */
export interface MappingRules {
  /** A shorter run is copied faster than it is mapped. */
  readonly leastPages: number;
  /** vm.max_map_count, 65530 by default, bounds the areas of a process, and it wants to make more of them itself. */
  readonly mostRuns: number;
  /**
   * Takes memory that children do not get (MADV_DONTFORK), too. All that V8 has is such, and among it are resizable
   * ArrayBuffers: one that shrinks is discarded, and must be zeros where it grows again.
   */
  readonly takesUninherited: boolean;
}

const PROT_EXEC = 0x4;
const MAP_PRIVATE = 0x02;
export const MAP_ANONYMOUS = 0x20;
const MAP_NORESERVE = 0x4000;
const MAP_STACK = 0x20000;
const MAP_HUGETLB = 0x40000;
/** MADV_HUGEPAGE, MADV_NOHUGEPAGE and MADV_DONTDUMP are for a mapping of a file as well. */
const harmlessAdvice = (1n << 14n) | (1n << 15n) | (1n << 16n);
const MADV_DONTFORK = 1n << 10n;

interface Pages {
  readonly from: number;
  readonly count: number;
  /** Has pages in the pages image. */
  readonly isPresent: boolean;
}

export function pagesOf(entry: Message): Pages {
  const flags = getUint(entry, pagemapEntry.flags);
  return {
    from: atPage(getUint(entry, pagemapEntry.vaddr) ?? 0),
    count: getUint(entry, pagemapEntry.nr_pages) ?? getUint(entry, pagemapEntry.compat_nr_pages) ?? 0,
    isPresent:
      flags === undefined ? getUint(entry, pagemapEntry.in_parent) !== 1 : (flags & PE_PRESENT) !== 0,
  };
}

/** Areas and pages begin and end with a page. */
function atPage(address: number): number {
  if (address % pageBytes !== 0)
    throw new GrenadineError('image-wire', `the address ${address} is not that of a page`);
  return address;
}

/**
 * The runs that may be mapped, the longest where there are too many, in the order of addresses. `pagemap` without its
 * head; `older` are the ids of records that an earlier edit made.
 */
export function mappableRuns(
  areas: readonly Message[],
  pagemap: readonly Message[],
  older: ReadonlySet<number>,
  rules: MappingRules,
): readonly Run[] {
  const code = new Set(areas.filter(isCode).map((area) => getUint(area, vma.shmid)));
  const isOurs = (area: Message): boolean => {
    const record = getUint(area, vma.shmid);
    return record !== undefined && (older.has(record) || code.has(record));
  };
  const found = runsIn(areas, presentPages(pagemap), (area) => isPlain(area, isOurs, rules));
  return found
    .filter(({ from, to }) => to - from >= rules.leastPages * pageBytes)
    .sort((one, other) => other.to - other.from - (one.to - one.from))
    .slice(0, rules.mostRuns)
    .sort((one, other) => one.from - other.from);
}

type Stretch = Omit<Run, 'area'>;

/** Entries that follow each other in memory are one stretch: they do so in the pages image, too. */
function presentPages(pagemap: readonly Message[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let page = 0;
  for (const entry of pagemap) {
    const { from, count, isPresent } = pagesOf(entry);
    if (!isPresent) continue;
    const last = stretches.at(-1);
    if (last?.to === from) stretches.pop();
    const begin = last?.to === from ? last : { from, page };
    stretches.push({ ...begin, to: from + count * pageBytes });
    page += count;
  }
  return stretches;
}

function runsIn(
  areas: readonly Message[],
  stretches: readonly Stretch[],
  mayBeMapped: (area: Message) => boolean,
): Run[] {
  const runs: Run[] = [];
  let next = 0;
  areas.forEach((area, index) => {
    if (!mayBeMapped(area)) return;
    const { from: start, to: end } = boundsOf(area);
    while ((stretches[next]?.to ?? Infinity) <= start) next += 1;
    for (const stretch of stretches.slice(next, endOf(stretches, next, end))) {
      const from = Math.max(stretch.from, start);
      const page = stretch.page + (from - stretch.from) / pageBytes;
      runs.push({ from, to: Math.min(stretch.to, end), page, area: index });
    }
  });
  return runs;
}

/** The first stretch from `at` on that begins at `end` or later. */
function endOf(stretches: readonly Stretch[], at: number, end: number): number {
  let index = at;
  while ((stretches[index]?.from ?? Infinity) < end) index += 1;
  return index;
}

/** Of areas of a process's own only: the addresses of vsyscall do not fit a number. */
export function boundsOf(area: Message): { readonly from: number; readonly to: number } {
  return { from: atPage(getUint(area, vma.start) ?? 0), to: atPage(getUint(area, vma.end) ?? 0) };
}

/** `isOurs`: an area of a file whose pages are nobody's to discard. */
function isPlain(
  area: Message,
  isOurs: (area: Message) => boolean,
  { takesUninherited }: MappingRules,
): boolean {
  const flags = (getUint(area, vma.flags) ?? 0) & ~(MAP_NORESERVE | MAP_STACK);
  const harmless = takesUninherited ? harmlessAdvice | MADV_DONTFORK : harmlessAdvice;
  if ((adviceOf(area) & ~harmless) !== 0n) return false;
  return isOfFile(area)
    ? flags === MAP_PRIVATE && isOurs(area)
    : isAnonymous(area) && flags === (MAP_PRIVATE | MAP_ANONYMOUS);
}

function isCode(area: Message): boolean {
  return isOfFile(area) && ((getUint(area, vma.prot) ?? 0) & PROT_EXEC) !== 0;
}

/** A private mapping of a file, an earlier snapshot's memory among them. */
export function isOfFile(area: Message): boolean {
  return (getUint(area, vma.status) ?? 0) === (vmaStatus.REGULAR | vmaStatus.FILE_PRIVATE);
}

/** Private memory of its own that is zeros where nothing was written. */
export function isAnonymous(area: Message): boolean {
  const status = (getUint(area, vma.status) ?? 0) & ~vmaStatus.HEAP;
  const flags = getUint(area, vma.flags) ?? 0;
  const isPrivate = (flags & MAP_PRIVATE) !== 0 && (flags & MAP_HUGETLB) === 0;
  return status === (vmaStatus.REGULAR | vmaStatus.ANON_PRIVATE) && isPrivate;
}

export function areasOf(memory: Message): readonly Message[] {
  return getMessages(memory, mm.vmas);
}

/** MADV_DONTFORK. */
export function isUninherited(area: Message): boolean {
  return (adviceOf(area) & MADV_DONTFORK) !== 0n;
}

function adviceOf(area: Message): bigint {
  return getUint64(area, vma.madv) ?? 0n;
}

/** The record of the file that an earlier edit had this memory mapped from. */
export function recordOfMemory(area: Message, older: ReadonlySet<number>): number | undefined {
  const record = getUint(area, vma.shmid) ?? 0;
  const isFile = getUint(area, vma.status) === (vmaStatus.REGULAR | vmaStatus.FILE_PRIVATE);
  return isFile && older.has(record) ? record : undefined;
}
