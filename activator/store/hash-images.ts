// Streams every image file of a directory through sha256. Reads only.

import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ImageSum } from './manifest.js';

/** One sum per file, sorted by name. A directory or a link among them is an error (ELOOP, EISDIR). */
export async function hashImages(directory: string): Promise<readonly ImageSum[]> {
  const sums: ImageSum[] = [];
  for (const name of (await readdir(directory)).sort()) sums.push(await hashImage(directory, name));
  return sums;
}

async function hashImage(directory: string, name: string): Promise<ImageSum> {
  const file = await open(join(directory, name), constants.O_RDONLY | constants.O_NOFOLLOW);
  const { size } = await file.stat();
  const hash = createHash('sha256');
  await pipeline(file.createReadStream({ highWaterMark: 1 << 20 }), hash);
  return { name, bytes: size, sha256: hash.digest('hex') };
}
