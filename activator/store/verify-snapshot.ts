// Holds one stored snapshot against its manifest: every image, byte by byte, and the plan. Reads only; what becomes of a
// damaged one is said elsewhere.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './durable-file.js';
import { hashImage } from './hash-images.js';
import type { ImageSum, Manifest } from './manifest.js';
import { parsePlan } from './plan.js';
import { planSum } from './plan-sum.js';
import { readText } from './store-folder.js';
import { applicationPaths, snapshotPath } from './store-paths.js';

/** What a disk or a careless hand does to a file. Whatever else goes wrong, too little memory, say, blames no snapshot. */
const damageCodes = ['EIO', 'EBADMSG', 'EUCLEAN', 'ELOOP', 'EISDIR', 'ENXIO'];

/** What is wrong with it, a text for each file; nothing where all is as it was published. */
export async function verifySnapshot(
  root: string,
  name: string,
  { id, manifest }: { readonly id: string; readonly manifest: Manifest },
  hashed: (bytes: number) => void,
): Promise<readonly string[]> {
  const folder = snapshotPath(applicationPaths(root, name), id);
  const images = join(folder, 'criu');
  const found = await readdir(images).catch(orNothing);
  const known = manifest.images.map((image) => image.name);
  const faults = found
    .filter((file) => !known.includes(file))
    .map((file) => `criu/${file} is not part of it`);
  for (const image of manifest.images) {
    const fault = await faultOf(hashImage(images, image.name, hashed), (sum) => differenceOf(image, sum));
    if (fault !== undefined) faults.push(`criu/${image.name} ${fault}`);
  }
  const fault = await faultOf(readText(join(folder, 'plan')), (text) => planFault(text, id, manifest));
  if (fault !== undefined) faults.push(`plan ${fault}`);
  return faults;
}

async function faultOf<Read>(
  read: Promise<Read>,
  judge: (value: Read) => string | undefined,
): Promise<string | undefined> {
  try {
    return judge(await read);
  } catch (error) {
    if (isMissing(error)) return 'is missing';
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (damageCodes.includes(code) || code === 'store-unsafe') return `cannot be read (${code})`;
    throw error;
  }
}

function differenceOf(image: ImageSum, found: ImageSum): string | undefined {
  if (found.bytes !== image.bytes) return `has not the ${image.bytes} bytes that it had`;
  return found.sha256 === image.sha256 ? undefined : 'has other contents than it had';
}

/** Snapshots of an earlier version have no sum of the plan. */
function planFault(text: string, id: string, { planSha256 }: Manifest): string | undefined {
  if (planSha256 !== undefined) {
    return planSum(text, id) === planSha256 ? undefined : 'has other contents than it had';
  }
  try {
    return parsePlan(text).snapshot === id ? undefined : 'is of another snapshot';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function orNothing(error: unknown): readonly string[] {
  if (isMissing(error)) return [];
  throw error;
}
