// Reads of an ELF executable or library what memory-choice.ts asks: elf(5), 64-bit and little-endian alone. Knows what
// stands in the file, not what it means.

import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { GrenadineError } from '../../generator/config/error.js';

export interface ElfFile {
  /** Has a program interpreter, ld.so: what a dynamically linked executable has, and a static one has not. */
  readonly hasInterpreter: boolean;
  /** Names of notes: who built it, in what language. */
  readonly notes: readonly string[];
  /** The names that dynamic linking goes by, imported and exported, each ended by a NUL; '' when there are none. */
  readonly dynamicNames: Buffer;
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const PT_NOTE = 4;
const DT_STRTAB = 5n;
const DT_STRSZ = 10n;
const ELF64_LITTLE_ENDIAN = Buffer.from('7f454c460201', 'hex');
/** Those of the largest libraries have some MiB; a hostile file must not make us large. */
const mostBytes = 64 * 1024 * 1024;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly bytes: number;
}

/** `elf-unreadable` for what is no such file, or ends early. */
export async function readElf(path: string): Promise<ElfFile> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const segments = await readSegments(file, path);
    const notes = segments.filter(({ type }) => type === PT_NOTE);
    return {
      hasInterpreter: segments.some(({ type }) => type === PT_INTERP),
      notes: (await Promise.all(notes.map((note) => readAt(file, path, note.offset, note.bytes)))).flatMap(
        noteNames,
      ),
      dynamicNames: await readDynamicNames(file, path, segments),
    };
  } finally {
    await file.close();
  }
}

async function readSegments(file: FileHandle, path: string): Promise<readonly Segment[]> {
  const head = await readAt(file, path, 0, 64);
  if (!head.subarray(0, 6).equals(ELF64_LITTLE_ENDIAN)) throw unreadable(path, 'is no 64-bit ELF file');
  const entryBytes = head.readUInt16LE(54);
  const table = await readAt(file, path, place(head.readBigUInt64LE(32)), entryBytes * head.readUInt16LE(56));
  if (entryBytes < 56) throw unreadable(path, 'has program headers of an unknown size');
  return Array.from({ length: table.length / entryBytes }, (_, index) => {
    const entry = table.subarray(index * entryBytes);
    return {
      type: entry.readUInt32LE(0),
      offset: place(entry.readBigUInt64LE(8)),
      address: place(entry.readBigUInt64LE(16)),
      bytes: place(entry.readBigUInt64LE(32)),
    };
  });
}

async function readDynamicNames(
  file: FileHandle,
  path: string,
  segments: readonly Segment[],
): Promise<Buffer> {
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  if (dynamic === undefined) return Buffer.alloc(0);
  const table = await readAt(file, path, dynamic.offset, dynamic.bytes);
  const value = (wanted: bigint): number | undefined => {
    for (let at = 0; at + 16 <= table.length; at += 16)
      if (table.readBigInt64LE(at) === wanted) return place(table.readBigUInt64LE(at + 8));
    return undefined;
  };
  const [address, bytes] = [value(DT_STRTAB), value(DT_STRSZ)];
  const home = segments.find(
    (one) => one.type === PT_LOAD && address !== undefined && isWithin(address, one),
  );
  if (address === undefined || bytes === undefined || home === undefined)
    throw unreadable(path, 'has no table of dynamic names');
  return readAt(file, path, home.offset + address - home.address, bytes);
}

function isWithin(address: number, { address: start, bytes }: Segment): boolean {
  return address >= start && address < start + bytes;
}

/** Notes are a head of three words, the name and the description, each padded to four bytes. */
function noteNames(notes: Buffer): readonly string[] {
  const names: string[] = [];
  for (let at = 0; at + 12 <= notes.length;) {
    const [nameBytes, descriptionBytes] = [notes.readUInt32LE(at), notes.readUInt32LE(at + 4)];
    names.push(notes.toString('latin1', at + 12, at + 12 + nameBytes).replace(/\0+$/, ''));
    at += 12 + padded(nameBytes) + padded(descriptionBytes);
  }
  return names;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

async function readAt(file: FileHandle, path: string, offset: number, bytes: number): Promise<Buffer> {
  if (bytes > mostBytes) throw unreadable(path, 'is not what it seems');
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, offset);
  if (bytesRead < bytes) throw unreadable(path, 'ends early');
  return buffer;
}

/** Anything beyond 53 bits lies outside of every file. */
function place(value: bigint): number {
  return Number(value);
}

function unreadable(path: string, why: string): GrenadineError {
  return new GrenadineError('elf-unreadable', `'${path}' ${why}`);
}
