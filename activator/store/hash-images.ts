// Streams every image file of a directory through sha256. Reads only.

import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ImageSum } from './manifest.js';
import { isMemoryFile, memoryFileTailBytes } from './memory-file.js';

/**
 * One sum per file, sorted by name; of a file that memory is mapped from without its tail. A directory or a link among
 * them is an error (ELOOP, EISDIR).
 */
export async function hashImages(directory: string): Promise<readonly ImageSum[]> {
  const sums: ImageSum[] = [];
  for (const name of (await readdir(directory)).sort()) sums.push(await hashImage(directory, name));
  return sums;
}

async function hashImage(directory: string, name: string): Promise<ImageSum> {
  const file = await open(join(directory, name), constants.O_RDONLY | constants.O_NOFOLLOW);
  const { size } = await file.stat();
  const bytes = isMemoryFile(name) ? size - memoryFileTailBytes : size;
  const hash = createHash('sha256');
  // `end` is the last byte; an empty file has none.
  const range = bytes === 0 ? {} : { end: bytes - 1 };
  await pipeline(file.createReadStream({ highWaterMark: 1 << 20, ...range }), hash);
  return { name, bytes, sha256: hash.digest('hex') };
}
