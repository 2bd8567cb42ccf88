// Streams image files through sha256. Reads only.

import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageSum } from './manifest.js';
import { isMemoryFile, memoryFileTailBytes } from './memory-file.js';

/** A multiple of the page size, and hashed in about a millisecond: the activator answers launchers in between. */
const chunkBytes = 1 << 20;

/**
 * One sum per file, sorted by name; of a file that memory is mapped from without its tail. A directory or a link among
 * them is an error (ELOOP, EISDIR).
 */
export async function hashImages(directory: string): Promise<readonly ImageSum[]> {
  const sums: ImageSum[] = [];
  for (const name of (await readdir(directory)).sort()) sums.push(await hashImage(directory, name));
  return sums;
}

/** `hashed` is told how many bytes more were read. A file that is shorter than its tail has -1 bytes and no sum. */
export async function hashImage(
  directory: string,
  name: string,
  hashed: (bytes: number) => void = () => undefined,
): Promise<ImageSum> {
  const file = await open(join(directory, name), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = await file.stat();
    const bytes = isMemoryFile(name) ? size - memoryFileTailBytes : size;
    if (bytes < 0) return { name, bytes: -1, sha256: '' };
    const hash = createHash('sha256');
    // `end` is the last byte; an empty file has none.
    const range = bytes === 0 ? {} : { end: bytes - 1 };
    for await (const chunk of file.createReadStream({
      highWaterMark: chunkBytes,
      autoClose: false,
      ...range,
    })) {
      if (!Buffer.isBuffer(chunk)) continue;
      hash.update(chunk);
      hashed(chunk.length);
    }
    return { name, bytes, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}
