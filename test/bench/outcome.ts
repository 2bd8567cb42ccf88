/** How an application of Grenadine came up: a cold boot among the restored ones would be a figure of something else. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';

/** Microseconds, by grenadine-launch(8), OUTCOME: `start` on CLOCK_MONOTONIC, `answered`, `criu-start`, … since then. */
export type Stamps = ReadonlyMap<string, number>;

export async function mustBeRestored(bed: Bed, name: string): Promise<Stamps> {
  // Waits for the start job: the outcome is written when the unit is up.
  await inBed(bed, 'systemctl', 'start', `${name}.service`);
  return lastMustBeRestored(bed, name);
}

/** The last start that has written its outcome, of whatever unit. */
export async function lastMustBeRestored(bed: Bed, name: string): Promise<Stamps> {
  return stampsOf(bed, name, /^how=restored$/m);
}

/** `reason` is a code of grenadine-launch(8), OUTCOME. */
export async function mustBeColdFor(bed: Bed, name: string, reason: string): Promise<Stamps> {
  await inBed(bed, 'systemctl', 'start', `${name}.service`);
  return stampsOf(bed, name, new RegExp(`^reason=${reason}$`, 'm'));
}

async function stampsOf(bed: Bed, name: string, wanted: RegExp): Promise<Stamps> {
  const outcome = await inBed(bed, 'cat', `/run/grenadine/outcome/${name}`);
  if (!wanted.test(outcome)) throw new Error(`the outcome of ${name} lacks ${wanted.source}:\n${outcome}`);
  const stamps = [...outcome.matchAll(/^(.*)-us=(\d+)$/gm)];
  return new Map(stamps.map(([, key = '', us]) => [key, Number(us)]));
}

/** Milliseconds from one stamp to another; throws where the launcher left one out. */
export function msBetween(stamps: Stamps, from: string, to: string): number {
  const [begin, end] = [stamps.get(from), stamps.get(to)];
  if (begin === undefined || end === undefined) throw new Error(`no '${from}' or no '${to}' in the outcome`);
  return (end - begin) / 1000;
}
