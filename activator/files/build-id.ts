// The build-id of an ELF file: the note that names what was built, whatever became of its dates. Reads the beginning of
// the file, and takes nothing in it for granted. elf(5); CRIU records the same bytes.

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Linkers put the notes right behind the headers. */
const headBytes = 64 * 1024;
const PT_NOTE = 4;
const NT_GNU_BUILD_ID = 3;

/** In hex; undefined when the file cannot be read or has none. `path` must be a regular file. */
export async function buildIdAt(path: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY).catch(
    () => undefined,
  );
  if (file === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buildIdIn(buffer.subarray(0, bytesRead));
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

/** `head` is the beginning of the file. Only 64-bit little-endian: the architectures that CRIU and Node.js share. */
export function buildIdIn(head: Buffer): string | undefined {
  const isElf64 = head.length >= 64 && head.readUInt32BE(0) === 0x7f454c46 && head[4] === 2 && head[5] === 1;
  if (!isElf64) return undefined;
  const table = Number(head.readBigUInt64LE(0x20));
  const entryBytes = head.readUInt16LE(0x36);
  const entries = head.readUInt16LE(0x38);
  for (let at = table; at < table + entries * entryBytes; at += entryBytes) {
    if (entryBytes < 56 || at + 56 > head.length) return undefined;
    if (head.readUInt32LE(at) !== PT_NOTE) continue;
    const from = Number(head.readBigUInt64LE(at + 8));
    const found = buildIdAmong(head.subarray(from, from + Number(head.readBigUInt64LE(at + 32))));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Each note: three words (length of the name, of the content, type), then both, padded to four bytes. */
function buildIdAmong(notes: Buffer): string | undefined {
  const padded = (length: number): number => (length + 3) & ~3;
  for (let at = 0; at + 12 <= notes.length;) {
    const nameBytes = notes.readUInt32LE(at);
    const contentBytes = notes.readUInt32LE(at + 4);
    if (nameBytes > notes.length || contentBytes > notes.length) return undefined;
    const content = at + 12 + padded(nameBytes);
    const isGnu = notes.toString('latin1', at + 12, at + 12 + nameBytes) === 'GNU\0';
    if (isGnu && notes.readUInt32LE(at + 8) === NT_GNU_BUILD_ID && content + contentBytes <= notes.length)
      return notes.toString('hex', content, content + contentBytes);
    at = content + padded(contentBytes);
  }
  return undefined;
}
