/**
 * Connect to first byte, through real units: the same Rails application booted cold by a plain unit, the same with a
 * warm bootsnap cache, restored by Grenadine, and the floor. Interleaved, so that a slow minute hits all alike.
 */
import { bakeWhenAsked, deployInBed, inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { compile } from './compile.js';
import { compileFirstByte, measureFirstByte } from './first-byte.js';
import { imagesOf, readImages } from './images.js';
import { mustBeRestored } from './outcome.js';
import type { Question, Row, Sample } from './question.js';
import { layReleases } from './releases.js';
import { phasesOf, startPhases } from './start-phases.js';

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

async function prepare(bed: Bed): Promise<void> {
  await compileFirstByte(bed);
  await compile(bed, 'page-cache');
  await bakeWhenAsked(bed);
  // Before the release that is baked: what is laid is deployed, too.
  await layReleases(bed);
  await deployInBed(bed, 'rails');
  await inBed(bed, '/src/test/apps/floor/deploy');
  await inBed(bed, 'sh', '-c', 'install -m 0644 /src/test/apps/rails/plain/* /etc/systemd/system/');
  await inBed(bed, 'systemctl', 'daemon-reload');
  await inBed(bed, 'systemctl', 'start', ...variants.map(({ unit }) => `${unit}.socket`));
  await inBed(bed, 'grenadine', 'bake', 'rails');
  // Unmeasured: fills the bootsnap cache.
  for (const variant of variants) await measure(bed, variant);
}

async function round(bed: Bed): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (const variant of variants) samples.push(...(await measure(bed, variant)));
  return samples;
}

/** One first connection, with its answer checked, and the stop that makes the next one a first one again. */
async function measure(bed: Bed, { name, unit, port, path, wanted }: Variant): Promise<readonly Sample[]> {
  if (name === 'restored') await readImages(bed, imagesOf(unit));
  const measured = await measureFirstByte(bed, port, path);
  const { firstByteMs, status, body } = measured;
  if (status !== 200 || !wanted.test(body)) throw new Error(`${name}: wrong answer (${status})`);
  const samples: Sample[] = [{ row: name, value: firstByteMs }];
  if (name === 'restored') {
    samples.push({ row: warm.name, value: (await measureFirstByte(bed, port, path)).firstByteMs });
    samples.push(...(await phasesOf(bed, unit, measured, await mustBeRestored(bed, unit))));
  }
  await inBed(bed, 'systemctl', '--quiet', 'stop', `${unit}.service`);
  return samples;
}

export const firstConnection: Question = {
  name: 'rails',
  title: 'The first connection, from connect to first byte',
  rows: [
    ...[...variants.slice(0, 1), warm, ...variants.slice(1)].map(({ name, what }): Row => ({
      name,
      what,
      unit: 'ms',
    })),
    ...startPhases,
  ],
  phases: startPhases.map(({ name }) => name),
  ratios: [
    ['cold', 'restored'],
    ['bootsnap', 'restored'],
    ['restored', 'floor'],
    [{ row: 'restored', of: 'p99' }, 'restored'],
  ],
  prepare,
  round,
};
