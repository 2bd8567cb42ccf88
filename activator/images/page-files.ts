// Reads and copies pages of a pages image. Memory goes through a small buffer: a dump may be larger than the activator
// may ever become.

import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { GrenadineError } from '../../generator/config/error.js';
import { pageBytes } from './memory-areas.js';
import type { PageRange } from './remaining-pages.js';

const bufferBytes = 1 << 20;

/** The pages of `from` that `ranges` name, one after the other, as a new file. */
export async function copyPages(from: string, to: string, ranges: readonly PageRange[]): Promise<void> {
  const target = await open(to, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await readPages(from, ranges, (_, bytes) => target.writeFile(bytes));
  } finally {
    await target.close();
  }
}

/** Those of the pages that hold nothing but zeros, by their numbers. */
export async function findZeroPages(
  path: string,
  ranges: readonly PageRange[],
): Promise<ReadonlySet<number>> {
  const zeros = Buffer.alloc(pageBytes);
  const found = new Set<number>();
  await readPages(path, ranges, (first, bytes) => {
    for (let at = 0; at < bytes.length; at += pageBytes)
      if (zeros.equals(bytes.subarray(at, at + pageBytes))) found.add(first + at / pageBytes);
  });
  return found;
}

/** Whole pages at a time, with the number of the first; the bytes hold until `take` is done. */
async function readPages(
  path: string,
  ranges: readonly PageRange[],
  take: (first: number, bytes: Buffer) => Promise<void> | void,
): Promise<void> {
  const source = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const buffer = Buffer.allocUnsafe(bufferBytes);
    for (const { page, count } of ranges) {
      for (let done = 0; done < count;) {
        const bytes = buffer.subarray(0, Math.min(buffer.length, (count - done) * pageBytes));
        await fill(source, bytes, (page + done) * pageBytes);
        await take(page + done, bytes);
        done += bytes.length / pageBytes;
      }
    }
  } finally {
    await source.close();
  }
}

async function fill(source: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await source.read(bytes, at, bytes.length - at, position + at);
    if (bytesRead === 0) throw new GrenadineError('image-truncated', 'the pages image ends early');
    at += bytesRead;
  }
}
