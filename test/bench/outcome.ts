/** How an application of Grenadine came up: a cold boot among the restored ones would be a figure of something else. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';

/** Microseconds from the launcher's first line on, by grenadine-launch(8), OUTCOME: `answered`, `criu-start`, … */
export type Stamps = ReadonlyMap<string, number>;

export async function mustBeRestored(bed: Bed, name: string): Promise<Stamps> {
  // Waits for the start job: the outcome is written when the unit is up.
  await inBed(bed, 'systemctl', 'start', `${name}.service`);
  const outcome = await inBed(bed, 'cat', `/run/grenadine/outcome/${name}`);
  if (!/^how=restored$/m.test(outcome)) throw new Error(`${name} was not restored:\n${outcome}`);
  const stamps = [...outcome.matchAll(/^(?!realtime|start)(.*)-us=(\d+)$/gm)];
  return new Map(stamps.map(([, key = '', us]) => [key, Number(us)]));
}

/** Milliseconds from one stamp to another; throws where the launcher left one out. */
export function msBetween(stamps: Stamps, from: string, to: string): number {
  const [begin, end] = [stamps.get(from), stamps.get(to)];
  if (begin === undefined || end === undefined) throw new Error(`no '${from}' or no '${to}' in the outcome`);
  return (end - begin) / 1000;
}
