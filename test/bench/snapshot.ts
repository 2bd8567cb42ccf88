/** Bakes the snapshot that is measured, and sees to it that its memory comes back as the figures say. */
import type { Manifest } from '../../activator/store/manifest.js';
import { readManifest } from '../../activator/store/read-manifest.js';
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { lastLines } from '../bed/run-command.js';

/** Gigabytes are booted, dumped, copied, summed up and restored. */
const timeoutMs = 600_000;

/** Throws when `grenadine bake` fails, or when a restore would not have that much memory mapped. */
export async function bakeMapped(bed: Bed, name: string, leastMegabytes = 1): Promise<void> {
  const { memory } = await bakeSnapshot(bed, name);
  if (memory.kind === 'copied') throw new Error(`the memory of ${name} is copied: ${memory.why}`);
  if (memory.bytes < leastMegabytes * 1024 * 1024)
    throw new Error(`no more than ${memory.bytes} bytes of the memory of ${name} are mapped`);
}

/** Throws when `grenadine bake` fails, or when a restore would not copy the memory. */
export async function bakeCopied(bed: Bed, name: string): Promise<void> {
  const { memory } = await bakeSnapshot(bed, name);
  if (memory.kind === 'mapped') throw new Error(`the memory of ${name} is mapped`);
}

async function bakeSnapshot(bed: Bed, name: string): Promise<Manifest> {
  const { status, stderr } = await bed.run(['grenadine', 'bake', name], { timeoutMs });
  if (status !== 0) throw new Error(`${name} was not baked: ${lastLines(stderr, 3)}`);
  return readManifest(await inBed(bed, 'cat', `${snapshotOf(name)}/manifest.json`));
}

/** The folder of the snapshot that a start is restored from. */
export function snapshotOf(name: string): string {
  return `/var/lib/grenadine/${name}/current`;
}
