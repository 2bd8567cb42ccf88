/**
 * The same Rails application with more and more live objects: to the first byte when restored, and what it then holds
 * in memory. Memory is mapped, not read, so neither should grow as the heap does.
 */
import { bakeWhenAsked, inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { compile } from './compile.js';
import { compileFirstByte, measureFirstByte } from './first-byte.js';
import { memoryOf } from './memory.js';
import { imagesOf, readImages } from './images.js';
import { mustBeRestored } from './outcome.js';
import type { Question, Sample } from './question.js';
import { configureRails, flipArgv, layReleases } from './releases.js';
import { bakeMapped } from './snapshot.js';

const heaps = [
  { megabytes: 100, what: '100 MB', port: 3023 },
  { megabytes: 500, what: '500 MB', port: 3024 },
  { megabytes: 2048, what: '2 GB', port: 3025 },
] as const;

const kinds = [
  { field: 'rss', what: 'resident (RSS)' },
  { field: 'pss', what: 'resident (PSS)' },
  { field: 'privateDirty', what: 'private and written' },
] as const;

const nameOf = (megabytes: number): string => `rails-heap-${megabytes}`;
const rowOf = (megabytes: number, field?: string): string =>
  `growth-${megabytes}${field === undefined ? '' : `-${field}`}`;

/** The cold boot makes all those objects: half a minute for 2 GB, on a machine that does nothing else. */
const patience = '[Warmup]\nReadyTimeoutSec=240s\n';

async function prepare(bed: Bed): Promise<void> {
  await compileFirstByte(bed);
  await compile(bed, 'page-cache');
  await bakeWhenAsked(bed);
  await layReleases(bed);
  for (const { megabytes, port } of heaps) {
    const name = nameOf(megabytes);
    await inBed(bed, ...flipArgv(name, 1, ['true']));
    await configureRails(bed, name, port, { HELD_MEGABYTES: `${megabytes}` }, patience);
    await bakeMapped(bed, name, megabytes);
  }
  // The disk would be busy with gigabytes of fresh images for the first rounds.
  await inBed(bed, 'sync', '--file-system', '/var/lib/grenadine');
}

async function round(bed: Bed): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (const { megabytes, port } of heaps) {
    const service = `${nameOf(megabytes)}.service`;
    await readImages(bed, imagesOf(nameOf(megabytes)));
    const { firstByteMs, status } = await measureFirstByte(bed, port, '/articles');
    if (status !== 200) throw new Error(`${service} answered with status ${status}`);
    await mustBeRestored(bed, nameOf(megabytes));
    const memory = await memoryOf(bed, service);
    samples.push({ row: rowOf(megabytes), value: firstByteMs });
    for (const { field } of kinds) samples.push({ row: rowOf(megabytes, field), value: memory[field] });
    await inBed(bed, 'systemctl', '--quiet', 'stop', service);
  }
  return samples;
}

export const growth: Question = {
  name: 'growth',
  title: 'The first connection to a restored Rails with a larger and larger heap',
  note: 'The images are in the page cache; the request needs none of the objects. Memory: of all processes, then.',
  rows: [
    ...heaps.map(
      ({ megabytes, what }) =>
        ({ name: rowOf(megabytes), what: `${what}, to first byte`, unit: 'ms' }) as const,
    ),
    ...kinds.flatMap(({ field, what: kind }) =>
      heaps.map(
        ({ megabytes, what }) =>
          ({ name: rowOf(megabytes, field), what: `${what}, ${kind}`, unit: 'MiB' }) as const,
      ),
    ),
  ],
  ratios: [
    [rowOf(2048), rowOf(100)],
    [rowOf(500), rowOf(100)],
  ],
  prepare,
  round,
};
