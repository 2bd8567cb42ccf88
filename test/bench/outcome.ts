/** How an application of Grenadine came up: a cold boot among the restored ones would be a figure of something else. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';

export async function mustBeRestored(bed: Bed, name: string): Promise<void> {
  // Waits for the start job: the outcome is written when the unit is up.
  await inBed(bed, 'systemctl', 'start', `${name}.service`);
  await lastMustBeRestored(bed, name);
}

/** The last start that has written its outcome, of whatever unit. */
export async function lastMustBeRestored(bed: Bed, name: string): Promise<void> {
  const outcome = await inBed(bed, 'cat', `/run/grenadine/outcome/${name}`);
  if (!/^how=restored$/m.test(outcome)) throw new Error(`${name} was not restored:\n${outcome}`);
}
