// The records in files.img of files that memory is mapped from: those of earlier snapshots are found, new ones added. Pure.
//
// INVARIANT: no two processes share a record. CRIU takes areas of a parent and its child that have the same bounds and
// the same record for the same memory, wherever in the file they lie (check_cow_vmas in criu/mem.c).

import { memoryFileMode, memoryFileName, memoryFilePath, memoryFileTailBytes } from '../store/memory-file.js';
import type { ImageFile } from './image-file.js';
import { fdType, fileEntry, fown, regFile } from './schema.js';
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

export interface MemoryRecords {
  /** Ids of those of earlier snapshots. */
  readonly older: ReadonlySet<number>;
  /** The id of a record of that file that nobody has been given yet. */
  readonly another: (older: number) => number;
  /** The id of a new one; `bytes` without the tail. */
  readonly add: (fileName: string, bytes: number) => number;
  /** All entries of files.img, old and new. */
  readonly entries: readonly Message[];
}

export function openMemoryRecords(files: ImageFile): MemoryRecords {
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
    add: (fileName, bytes) => add(memoryRecord(fileName, bytes)),
    another: (id) => {
      const record = taken.has(id) ? older.get(id) : undefined;
      taken.add(id);
      return record === undefined ? id : add(record);
    },
    entries,
  };
}

const O_LARGEFILE = 0o100000;
const S_IFREG = 0o100000;

/** Every required field of reg_file_entry; size and mode are checked by CRIU as for any file. */
function memoryRecord(fileName: string, bytes: number): Message {
  const nobody = Object.values(fown).map((field) => uintField(field, 0));
  return [
    uintField(regFile.id, 0),
    uintField(regFile.flags, O_LARGEFILE),
    uintField(regFile.pos, 0),
    bytesField(regFile.fown, encodeMessage(nobody)),
    bytesField(regFile.name, Buffer.from(memoryFilePath(fileName))),
    uintField(regFile.size, bytes + memoryFileTailBytes),
    uintField(regFile.mode, S_IFREG | memoryFileMode),
  ];
}
