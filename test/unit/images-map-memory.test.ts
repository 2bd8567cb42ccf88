// Mapped memory: whatever a process looks like, every page of it has the same bytes afterwards, and nothing else is touched.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ImageFile } from '../../activator/images/image-file.js';
import {
  leaveOutZeros,
  mapMemory,
  type MappedProcess,
  type ProcessMemory,
} from '../../activator/images/map-memory.js';
import { newMemoryFileName } from '../../activator/store/memory-file.js';
import {
  fdType,
  fileEntry,
  mm,
  pagemapEntry,
  pagemapHead,
  regFile,
  vma,
} from '../../activator/images/schema.js';
import {
  bytesField,
  encodeMessage,
  getMessage,
  getMessages,
  getText,
  getUint,
  uintField,
  type Message,
} from '../../activator/images/wire.js';

const page = 4096;
const limits = { leastPages: 3, mostRuns: 1000, takesUninherited: false };
const anonymous = { status: 0x201, flags: 0x22 };
const olderRecord = 7;
const rubyRecord = 3;
const ofOlderFile = { status: 0x41, flags: 0x02, record: olderRecord };
const ofRuby = { ...ofOlderFile, record: rubyRecord };
const code = { ...ofRuby, prot: 5 };
const unknownField = uintField(99, 5);

interface Area {
  readonly pages: readonly boolean[];
  readonly status: number;
  readonly flags: number;
  readonly madv: number;
  readonly prot: number;
  /** Of the file that it is of, if any. */
  readonly record: number;
  /** Unmapped pages before it. */
  readonly gap: number;
}

const plain = (pages: readonly boolean[], change: Partial<Area> = {}): Area => ({
  ...{ pages, madv: 0, prot: 3, record: olderRecord, gap: 1 },
  ...anonymous,
  ...change,
});

/** Areas of whatever kind, one after the other from page 16 on, and a pagemap that may cut entries anywhere. */
function processOf(areas: readonly Area[], entryPages = Infinity): ProcessMemory {
  let at = 16;
  const fields: Message[] = [];
  const entries: Message[] = [];
  let last: { readonly from: number; readonly to: number } | undefined;
  const flush = (): void => {
    if (last === undefined) return;
    const { from, to } = last;
    entries.push([
      uintField(pagemapEntry.vaddr, from * page),
      uintField(pagemapEntry.compat_nr_pages, 0),
      uintField(pagemapEntry.flags, 6),
      uintField(pagemapEntry.nr_pages, to - from),
      unknownField,
    ]);
    last = undefined;
  };
  for (const { pages, status, flags, madv, prot, record: file, gap } of areas) {
    at += gap;
    fields.push([
      uintField(vma.start, at * page),
      uintField(vma.end, (at + pages.length) * page),
      uintField(vma.pgoff, status === ofOlderFile.status ? at * page : 0),
      uintField(vma.shmid, status === ofOlderFile.status ? file : 0),
      uintField(vma.prot, prot),
      uintField(vma.flags, flags),
      uintField(vma.status, status),
      uintField(8, 1),
      ...(madv === 0 ? [] : [uintField(vma.madv, madv)]),
      unknownField,
    ]);
    for (const isPresent of pages) {
      if (isPresent && last?.to === at && last.to - last.from < entryPages) last = { ...last, to: at + 1 };
      else {
        if (isPresent) flush();
        if (isPresent) last = { from: at, to: at + 1 };
      }
      at += 1;
    }
  }
  flush();
  // As the kernel has it on every x86-64: beyond what a number holds, and no memory of the process.
  const vsyscall: Message = [
    uintField(vma.start, 0xffffffffff600000n),
    uintField(vma.end, 0xffffffffff601000n),
    uintField(vma.status, 5),
    uintField(vma.flags, 0x22),
  ];
  const memory: Message = [
    uintField(mm.exe_file_id, rubyRecord),
    ...[...fields, vsyscall].map((area) => bytesField(mm.vmas, encodeMessage(area))),
    unknownField,
  ];
  return {
    mm: { kind: 'mm', entries: [memory] },
    pagemap: { kind: 'pagemap', entries: [[uintField(pagemapHead.pages_id, 1)], ...entries] },
    fileName: newMemoryFileName('ab', 1),
    fileBytes: areas.flatMap(({ pages }) => pages).filter((isPresent) => isPresent).length * page,
  };
}

function record(id: number, name: string): Message {
  const reg: Message = [uintField(regFile.id, id), bytesField(regFile.name, Buffer.from(name)), unknownField];
  return [
    uintField(fileEntry.type, fdType.REG),
    uintField(fileEntry.id, id),
    bytesField(fileEntry.reg, encodeMessage(reg)),
  ];
}

const older = `/run/grenadine/memory/${newMemoryFileName('cd', 1)}`;
const files: ImageFile = {
  kind: 'files',
  entries: [record(rubyRecord, '/usr/bin/ruby'), record(olderRecord, older)],
};

const areasOf = (image: ImageFile): readonly Message[] => getMessages(image.entries[0] ?? [], mm.vmas);
const number = (message: Message, field: number): number => getUint(message, field) ?? 0;
const isSpecial = (area: Message): boolean => number(area, vma.status) === 5;

function pathOf(image: ImageFile, id: number): string | undefined {
  const entry = image.entries.find((one) => getUint(one, fileEntry.id) === id);
  const reg = entry === undefined ? undefined : getMessage(entry, fileEntry.reg);
  return reg === undefined ? undefined : getText(reg, regFile.name);
}

/**
 * What each page of the address space shows: a page of the old pages image by its number, or the place in a file.
 * `pagesImage` says which old page each page of the present pages image is.
 */
function contents(
  memory: ImageFile,
  pagemap: ImageFile,
  pagesImage: readonly number[],
  records: ImageFile,
  fileName: string,
): ReadonlyMap<number, string> {
  const shown = new Map<number, string>();
  for (const area of areasOf(memory).filter((one) => !isSpecial(one))) {
    const isFile = number(area, vma.status) === ofOlderFile.status;
    const path = isFile ? pathOf(records, number(area, vma.shmid)) : undefined;
    for (let at = number(area, vma.start); at < number(area, vma.end); at += page) {
      const place = number(area, vma.pgoff) + at - number(area, vma.start);
      const isNew = path?.endsWith(`/${fileName}`) === true;
      shown.set(at, path === undefined ? 'zeros' : isNew ? `page ${place / page}` : `${path} ${place}`);
    }
  }
  let next = 0;
  for (const entry of pagemap.entries.slice(1)) {
    const from = number(entry, pagemapEntry.vaddr);
    for (let index = 0; index < number(entry, pagemapEntry.nr_pages); index += 1) {
      shown.set(from + index * page, `page ${pagesImage[next]}`);
      next += 1;
    }
  }
  assert.equal(next, pagesImage.length, 'the pagemap has all pages, and no more');
  return shown;
}

function contentsAfter(
  process: ProcessMemory,
  result: MappedProcess | undefined,
  records: ImageFile,
): ReadonlyMap<number, string> {
  assert.ok(result !== undefined);
  const kept = result.kept.flatMap(({ page: first, count }) =>
    Array.from({ length: count }, (_, offset) => first + offset),
  );
  return contents(result.mm, result.pagemap, kept, records, process.fileName);
}

function contentsBefore(process: ProcessMemory): ReadonlyMap<number, string> {
  const all = Array.from({ length: process.fileBytes / page }, (_, index) => index);
  return contents(process.mm, process.pagemap, all, files, process.fileName);
}

/** Does that page of the pages image lie in memory that is zeros where nothing is? */
function isAnonymousPage(process: ProcessMemory, wanted: number): boolean {
  const at = [...contentsBefore(process)].find(([, what]) => what === `page ${wanted}`)?.[0] ?? 0;
  const home = areasOf(process.mm).find(
    (area) => !isSpecial(area) && number(area, vma.start) <= at && at < number(area, vma.end),
  );
  return home !== undefined && [0x201, 0x221].includes(number(home, vma.status));
}

const someArea: fc.Arbitrary<Area> = fc.record({
  pages: fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }).chain((pages) =>
    // Long runs are what is looked for, so they must be frequent.
    fc.constantFrom(pages, [...pages, true, true, true, true], [true, true, true, true, ...pages]),
  ),
  status: fc.constantFrom(anonymous.status, anonymous.status, ofOlderFile.status, 0x221, 0x401),
  flags: fc.constant(0),
  prot: fc.constantFrom(3, 3, 5),
  record: fc.constantFrom(olderRecord, rubyRecord),
  madv: fc.constantFrom(0, 0, 0, 1 << 14, 1 << 18),
  gap: fc.constantFrom(0, 0, 1, 3),
});
const someAreas = fc
  .array(someArea, { minLength: 1, maxLength: 6 })
  .map((areas) =>
    areas.map((area) => ({ ...area, flags: area.status === ofOlderFile.status ? 0x02 : 0x22 })),
  );

describe('mapped memory', () => {
  test('shows every page with the bytes that it had', () => {
    fc.assert(
      fc.property(someAreas, fc.integer({ min: 1, max: 9 }), (areas, entryPages) => {
        const process = processOf(areas, entryPages);
        const mapped = mapMemory(files, [process], limits);
        assert.deepEqual(contentsAfter(process, mapped.processes[0], mapped.files), contentsBefore(process));
      }),
      { numRuns: 500 },
    );
  });

  test('needs no pages of zeros where memory is anonymous, and every one that lies upon a file', () => {
    const zerosOf = (shown: ReadonlyMap<number, string>, zeros: ReadonlySet<number>): unknown =>
      [...shown].map(([at, what]) => [
        at,
        zeros.has(Number(/^page (\d+)$/.exec(what)?.[1])) ? 'zeros' : what,
      ]);
    fc.assert(
      fc.property(
        someAreas,
        fc.integer({ min: 1, max: 9 }),
        fc.uniqueArray(fc.nat(60)),
        (areas, entryPages, pages) => {
          const process = processOf(areas, entryPages);
          const zeros = new Set(pages);
          const mapped = mapMemory(files, [process], limits);
          const [whole] = mapped.processes;
          assert.ok(whole !== undefined);
          const left = leaveOutZeros(whole, zeros);
          assert.deepEqual(
            zerosOf(contentsAfter(process, left, mapped.files), zeros),
            zerosOf(contentsBefore(process), zeros),
          );
          for (const { page: first, count } of left.kept) {
            const some = Array.from({ length: count }, (_, index) => first + index);
            assert.ok(some.every((one) => !zeros.has(one) || !isAnonymousPage(process, one)));
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test('leaves areas in order, side by side as they were, and their other fields alone', () => {
    fc.assert(
      fc.property(someAreas, (areas) => {
        const process = processOf(areas);
        const after = areasOf(mapMemory(files, [process], limits).processes[0]?.mm ?? process.mm);
        let at = 0;
        for (const area of after.slice(0, -1)) {
          assert.ok(number(area, vma.start) >= at && number(area, vma.end) > number(area, vma.start));
          at = number(area, vma.end);
          assert.ok([3, 5].includes(number(area, vma.prot)));
          assert.equal(number(area, 99), 5);
        }
        assert.deepEqual(after.at(-1), areasOf(process.mm).at(-1));
      }),
    );
  });

  const present = [true, true, true];
  const mappedIn = (area: Area): number =>
    mapMemory(files, [processOf([area])], limits).processes[0]?.mappedBytes ?? -1;

  test('begins at the length where mapping is quicker than copying', () => {
    assert.deepEqual([mappedIn(plain(present)), mappedIn(plain([true, true]))], [3 * page, 0]);
  });

  test('takes the heap, thread stacks and huge pages', () => {
    const taken = [
      plain(present, { status: 0x221 }),
      plain(present, { flags: 0x20022 }),
      plain(present, { madv: 1 << 14 }),
    ];
    assert.deepEqual(taken.map(mappedIn), [3 * page, 3 * page, 3 * page]);
  });

  test('takes the data of a program or library, from its own pages on, and leaves the rest of them to the file', () => {
    const data = plain([false, true, true, true, false], ofRuby);
    const process = processOf([plain([false], code), data]);
    const mapped = mapMemory(files, [process], limits);
    const areas = areasOf(mapped.processes[0]?.mm ?? process.mm).slice(0, -1);
    assert.deepEqual(
      areas.map((area) => pathOf(mapped.files, number(area, vma.shmid))),
      ['/usr/bin/ruby', '/usr/bin/ruby', `/run/grenadine/memory/${process.fileName}`, '/usr/bin/ruby'],
    );
    assert.equal(mapped.processes[0]?.mappedBytes, 3 * page);
  });

  test('takes what children do not get only when it is told to', () => {
    const process = processOf([plain(present, { madv: 1 << 10 })]);
    const bytes = [false, true].map(
      (takesUninherited) =>
        mapMemory(files, [process], { ...limits, takesUninherited }).processes[0]?.mappedBytes,
    );
    assert.deepEqual(bytes, [0, 3 * page]);
  });

  for (const [what, change] of [
    ['a stack that grows', { flags: 0x122 }],
    ['locked memory', { flags: 0x2022 }],
    ['huge pages of their own file system', { flags: 0x40022 }],
    ['shared memory', { status: 0x101, flags: 0x21 }],
    ['the vdso', { status: 0x209 }],
    ['memory that a child finds wiped', { madv: 1 << 18 }],
    ['memory that the kernel may drop', { flags: 0x28 }],
    ['a private mapping of a file that holds no code', { status: 0x41, flags: 0x02 }],
    ['a shared mapping of one', { status: 0x81, flags: 0x01 }],
  ] as const) {
    test(`never takes ${what}`, () => {
      const [ruby] = files.entries;
      const foreign: ImageFile = { kind: 'files', entries: ruby === undefined ? [] : [ruby] };
      const mapped = mapMemory(foreign, [processOf([plain(present, change)])], limits);
      assert.deepEqual([mapped.processes[0]?.isUnchanged, mapped.files], [true, foreign]);
    });
  }

  test('takes the longest where there are too many', () => {
    const process = processOf([plain([true, true, true]), plain([true, true, true, true, true])]);
    const [mapped] = mapMemory(files, [process], { ...limits, leastPages: 1, mostRuns: 1 }).processes;
    assert.equal(mapped?.mappedBytes, 5 * page);
  });

  test('that was mapped before stays so, and what has changed since is mapped from the new file', () => {
    const process = processOf([plain([false, true, true, true, false], ofOlderFile)]);
    const mapped = mapMemory(files, [process], limits);
    const areas = areasOf(mapped.processes[0]?.mm ?? process.mm).slice(0, -1);
    assert.deepEqual(
      areas.map((area) => pathOf(mapped.files, number(area, vma.shmid))),
      [older, `/run/grenadine/memory/${process.fileName}`, older],
    );
    assert.equal(mapped.processes[0]?.mappedBytes, 5 * page);
  });

  test('of two processes never shares a record, of a new file or of an older one', () => {
    const process = processOf([plain(present), plain([false, false], ofOlderFile)]);
    const mapped = mapMemory(files, [process, process], limits);
    const used = mapped.processes.map(({ mm: image }) =>
      areasOf(image)
        .filter((area) => number(area, vma.status) === 0x41)
        .map((area) => number(area, vma.shmid)),
    );
    assert.equal(new Set(used.flat()).size, 4);
    for (const index of [0, 1])
      assert.deepEqual(
        contentsAfter(process, mapped.processes[index], mapped.files),
        contentsBefore(process),
      );
  });
});
