// Reads and replaces single images of a dump's folder. What is in them is the callers' business.

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GrenadineError } from '../../generator/config/error.js';
import { replaceFile } from '../store/durable-file.js';
import { readImage, writeImage, type ImageFile } from './image-file.js';
import type { ImageKind } from './schema.js';

/** Larger than any image that is decoded whole here; pages are never read. */
const maxImageBytes = 256 * 1024 * 1024;

/** Codes: `image-too-large`, and those of readImage. */
export async function loadImage(directory: string, name: string, kind: ImageKind): Promise<ImageFile> {
  const path = join(directory, name);
  const { size } = await stat(path);
  if (size > maxImageBytes) throw new GrenadineError('image-too-large', `'${path}' has ${size} bytes`);
  return readImage(await readFile(path), kind, name);
}

export async function replaceImage(directory: string, name: string, image: ImageFile): Promise<void> {
  await replaceFile(join(directory, name), writeImage(image));
}
