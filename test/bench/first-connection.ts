/**
 * Connect to first byte, through real units: the same Rails application booted cold by a plain unit, the same with a
 * warm bootsnap cache, restored by Grenadine, and the floor. Interleaved, so that a slow minute hits all alike.
 */
import { bakeWhenAsked, deployInBed, inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { compileFirstByte, measureFirstByte } from './first-byte.js';
import { summarize } from './statistics.js';
import type { Result } from './table.js';

interface Variant {
  readonly name: string;
  readonly what: string;
  /** Of the units NAME.socket and NAME.service. */
  readonly unit: string;
  readonly port: number;
  readonly path: string;
  readonly wanted: RegExp;
}

const articles = { path: '/articles', wanted: /25 articles/ } as const;

/** From the quickest to the slowest, so that no quick one is measured in the wake of a slow one's end. */
const variants: readonly Variant[] = [
  { name: 'floor', what: 'floor: a static C program', unit: 'floor', port: 3003, path: '/', wanted: /floor/ },
  { ...articles, name: 'restored', what: 'Rails, restored', unit: 'rails', port: 3000 },
  { ...articles, name: 'bootsnap', what: 'Rails, cold, warm bootsnap', unit: 'rails-bootsnap', port: 3002 },
  { ...articles, name: 'cold', what: 'Rails, cold', unit: 'rails-cold', port: 3001 },
];

/** A running application's answer, to hold the others against: what the request itself costs. */
const warm = { name: 'warm', what: 'Rails, running, second request' } as const;

export async function prepareFirstConnections(bed: Bed, report: (line: string) => void): Promise<void> {
  await compileFirstByte(bed);
  await bakeWhenAsked(bed);
  report('deploying the Rails application');
  await deployInBed(bed, 'rails');
  await inBed(bed, '/src/test/apps/floor/deploy');
  await inBed(bed, 'sh', '-c', 'install -m 0644 /src/test/apps/rails/plain/* /etc/systemd/system/');
  await inBed(bed, 'systemctl', 'daemon-reload');
  await inBed(bed, 'systemctl', 'start', ...variants.map(({ unit }) => `${unit}.socket`));
  report('baking');
  await inBed(bed, 'grenadine', 'bake', 'rails');
  report('one round unmeasured, which fills the bootsnap cache');
  for (const variant of variants) await measure(bed, variant);
}

export async function measureFirstConnections(
  bed: Bed,
  rounds: number,
  report: (line: string) => void,
): Promise<readonly Result[]> {
  const samples = new Map<string, number[]>();
  const keep = (name: string, ms: number): void => {
    samples.set(name, [...(samples.get(name) ?? []), ms]);
  };
  for (let round = 1; round <= rounds; round += 1) {
    const said: string[] = [];
    for (const variant of variants) {
      const { firstByteMs, warmMs } = await measure(bed, variant);
      keep(variant.name, firstByteMs);
      if (warmMs !== undefined) keep(warm.name, warmMs);
      said.push(`${variant.name} ${firstByteMs.toFixed(1)}`);
    }
    report(`round ${round} of ${rounds}: ${said.join(', ')} ms`);
  }
  return [...variants.slice(0, 1), warm, ...variants.slice(1)].map(({ name, what }) => {
    const measured = samples.get(name) ?? [];
    return { name, what, unit: 'ms', samples: measured, summary: summarize(measured) };
  });
}

/** One first connection, with its answer checked, and the stop that makes the next one a first one again. */
async function measure(
  bed: Bed,
  { name, unit, port, path, wanted }: Variant,
): Promise<{ readonly firstByteMs: number; readonly warmMs: number | undefined }> {
  const { firstByteMs, status, body } = await measureFirstByte(bed, port, path);
  if (status !== 200 || !wanted.test(body)) throw new Error(`${name}: wrong answer (${status})`);
  const isRestored = name === 'restored';
  const warmMs = isRestored ? (await measureFirstByte(bed, port, path)).firstByteMs : undefined;
  if (isRestored) await mustBeRestored(bed);
  await inBed(bed, 'systemctl', '--quiet', 'stop', `${unit}.service`);
  return { firstByteMs, warmMs };
}

/** A cold boot among the restored ones would be a figure of something else. */
async function mustBeRestored(bed: Bed): Promise<void> {
  // Waits for the start job: the outcome is written when the unit is up.
  await inBed(bed, 'systemctl', 'start', 'rails.service');
  const outcome = await inBed(bed, 'cat', '/run/grenadine/outcome/rails');
  if (!/^how=restored$/m.test(outcome)) throw new Error(`Rails was not restored:\n${outcome}`);
}
