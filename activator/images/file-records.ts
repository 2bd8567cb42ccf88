// Who uses the regular files of files.img and how: descriptors by fdinfo, mappings and the executable by mm-*.img.
// Pure reading; loosen-files.ts decides what follows from it, inspect.ts what the manifest says.

import type { ImageFile } from './image-file.js';
import { fileEntry, mm, regFile, vma, vmaStatus } from './schema.js';
import { getBytes, getMessage, getMessages, getText, getUint, getUints, type Message } from './wire.js';

export interface RegularFile {
  readonly id: number;
  readonly path: string;
  /** The same file has the same key, whichever record names it. */
  readonly key: string;
  readonly size: number | undefined;
  /** The ELF build-id as CRIU recorded it, in hex. */
  readonly buildId: string | undefined;
  /** Opened for writing, or mapped shared through a description that was. */
  readonly isWritten: boolean;
  readonly mapping: 'none' | 'shared' | 'private';
  /** Some of it is mapped as code. */
  readonly isCode: boolean;
  /** A process executes it. */
  readonly isExecutable: boolean;
  /** The first byte after everything that is mapped of it; 0 when nothing is. */
  readonly mappedEnd: number;
}

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const O_ACCMODE = 3;
const PROT_EXEC = 4;

interface Use {
  readonly isPrivate: boolean;
  readonly isWritten: boolean;
  readonly isCode: boolean;
  readonly isExecutable: boolean;
  readonly mappedEnd: number;
}

/** Every record of a regular file, in the order of files.img; devices, directories and external files are left out. */
export function regularFiles(files: ImageFile, mms: readonly ImageFile[]): readonly RegularFile[] {
  const uses = mappingUses(mms);
  return files.entries.flatMap((entry) => {
    const record = getMessage(entry, fileEntry.reg);
    return record === undefined ? [] : regularFile(record, uses);
  });
}

function regularFile(record: Message, uses: ReadonlyMap<number, Use>): readonly RegularFile[] {
  const id = getUint(record, regFile.id);
  const path = getText(record, regFile.name);
  if (id === undefined || path === undefined || getUint(record, regFile.ext) === 1) return [];
  if (((getUint(record, regFile.mode) ?? S_IFREG) & S_IFMT) !== S_IFREG) return [];
  const use = uses.get(id);
  return [
    {
      id,
      path,
      key: `${getUint(record, regFile.mnt_id) ?? -1}:${Buffer.from(getBytes(record, regFile.name) ?? []).toString('hex')}`,
      size: getUint(record, regFile.size),
      buildId: buildId(getUints(record, regFile.build_id)),
      isWritten: ((getUint(record, regFile.flags) ?? 0) & O_ACCMODE) !== 0 || use?.isWritten === true,
      mapping: use === undefined ? 'none' : use.isPrivate ? 'private' : 'shared',
      isCode: use?.isCode === true,
      isExecutable: use?.isExecutable === true,
      mappedEnd: use?.mappedEnd ?? 0,
    },
  ];
}

function buildId(words: readonly number[]): string | undefined {
  if (words.length === 0) return undefined;
  const bytes = Buffer.alloc(words.length * 4);
  words.forEach((word, at) => bytes.writeUInt32LE(word >>> 0, at * 4));
  return bytes.toString('hex');
}

const executed: Use = {
  isPrivate: true,
  isWritten: false,
  isCode: true,
  isExecutable: true,
  mappedEnd: 0,
};

/** By record id. One private mapping among shared ones makes the use private; so does being the executable. */
function mappingUses(mms: readonly ImageFile[]): ReadonlyMap<number, Use> {
  const uses = new Map<number, Use>();
  const add = (id: number, use: Use): void => {
    const old = uses.get(id);
    uses.set(id, {
      isPrivate: use.isPrivate || old?.isPrivate === true,
      isWritten: use.isWritten || old?.isWritten === true,
      isCode: use.isCode || old?.isCode === true,
      isExecutable: use.isExecutable || old?.isExecutable === true,
      mappedEnd: Math.max(use.mappedEnd, old?.mappedEnd ?? 0),
    });
  };
  for (const memory of mms.flatMap((image) => image.entries)) {
    const executable = getUint(memory, mm.exe_file_id);
    if (executable !== undefined) add(executable, executed);
    for (const area of getMessages(memory, mm.vmas)) {
      const use = mappingUse(area);
      if (use !== undefined) add(getUint(area, vma.shmid) ?? 0, use);
    }
  }
  return uses;
}

/** fdflags are those of the description that was mapped, whatever the mapping's protection: criu/proc_parse.c. */
function mappingUse(area: Message): Use | undefined {
  const status = getUint(area, vma.status) ?? 0;
  const isPrivate = (status & vmaStatus.FILE_PRIVATE) !== 0;
  const isShared = (status & vmaStatus.FILE_SHARED) !== 0;
  if ((!isPrivate && !isShared) || (status & vmaStatus.AREA_MEMFD) !== 0) return undefined;
  // Addresses of the upper half (vsyscall) are no file mappings, so all of these fit 53 bits.
  const length = (getUint(area, vma.end) ?? 0) - (getUint(area, vma.start) ?? 0);
  return {
    isPrivate,
    isWritten: isShared && ((getUint(area, vma.fdflags) ?? 0) & O_ACCMODE) !== 0,
    isCode: ((getUint(area, vma.prot) ?? 0) & PROT_EXEC) !== 0,
    isExecutable: false,
    mappedEnd: (getUint(area, vma.pgoff) ?? 0) + length,
  };
}
