/**
 * Images in the page cache, as what is measured wants them: some hosts give idle pages back, and between two rounds lie
 * many seconds. Only `disk` wants them elsewhere.
 */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { programPath } from './compile.js';

export function imagesOf(name: string): string {
  return `/var/lib/grenadine/${name}/current/criu`;
}

/** Reads what of the folder's files is not in memory; `page-cache` must have been compiled. */
export async function readImages(bed: Bed, folder: string): Promise<void> {
  await inBed(bed, programPath('page-cache'), 'read', folder);
}
