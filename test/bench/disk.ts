/**
 * A restore whose images must come from the disk, beside one that finds them in the page cache. Only the images are
 * taken out of the cache: the libraries stay, as other programs have them mapped. Beside it what that disk gives. A
 * bed's store lies in the upper layer of its overlay, on the host's disk.
 */
import { bakeWhenAsked, inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { lastLines } from '../bed/run-command.js';
import { compile, programPath } from './compile.js';
import { compileFirstByte, measureFirstByte } from './first-byte.js';
import { imagesOf, readImages } from './images.js';
import { msBetween, mustBeRestored } from './outcome.js';
import type { Question, Sample } from './question.js';
import { configureRails, flipArgv, layReleases } from './releases.js';

const name = 'rails-disk';
const port = 3035;
const images = imagesOf(name);
const pageCache = programPath('page-cache');
const bytesPerMib = 2 ** 20;

async function prepare(bed: Bed): Promise<void> {
  await compileFirstByte(bed);
  await compile(bed, 'page-cache');
  await bakeWhenAsked(bed);
  await layReleases(bed);
  await inBed(bed, ...flipArgv(name, 1, ['true']));
  await configureRails(bed, name, port);
  await inBed(bed, 'grenadine', 'bake', name);
  // Unmeasured: what a bake has just written lies in the cache otherwise than what was read.
  await restore(bed, 'warm');
}

async function round(bed: Bed): Promise<readonly Sample[]> {
  await readImages(bed, images);
  const samples = [...(await restore(bed, 'warm'))];
  const refusal = await evictImages(bed);
  if (refusal !== undefined) return [...samples, { row: 'disk-cold', refusal }];
  samples.push(...(await restore(bed, 'cold')));
  await evictImages(bed);
  // Leaves the cache as a warm restore is to find it.
  const [bytes = NaN, us = NaN] = (await inBed(bed, pageCache, 'read', images)).split(' ').map(Number);
  return [...samples, { row: 'disk-speed', value: bytes / us }];
}

async function restore(bed: Bed, how: 'warm' | 'cold'): Promise<readonly Sample[]> {
  const { firstByteMs, status } = await measureFirstByte(bed, port, '/articles');
  if (status !== 200) throw new Error(`${name} answered with status ${status}`);
  // Before the stop, which may read more.
  const read = await imagesInMemory(bed);
  const stamps = await mustBeRestored(bed, name);
  await inBed(bed, 'systemctl', '--quiet', 'stop', `${name}.service`);
  return [
    { row: `disk-${how}`, value: firstByteMs },
    { row: `disk-${how}-criu`, value: msBetween(stamps, 'criu-start', 'criu') },
    ...(how === 'cold' ? [{ row: 'disk-read', value: read }] : []),
  ];
}

/** Answers what stays in memory, if anything does. Nobody may have the images mapped. */
async function evictImages(bed: Bed): Promise<string | undefined> {
  const { status, stderr } = await bed.run([pageCache, 'evict', images]);
  return status === 0 ? undefined : lastLines(stderr, 1);
}

async function imagesInMemory(bed: Bed): Promise<number> {
  const runs = (await inBed(bed, pageCache, 'look', images)).trim().split('\n');
  return runs.reduce((sum, run) => sum + Number(run.split(' ')[1] ?? 0), 0) / bytesPerMib;
}

export const disk: Question = {
  name: 'disk',
  title: 'A restored first connection, with the images on the disk',
  note: 'Images alone are evicted, and mincore(2) says that none stays. A virtual disk may have a cache of its own.',
  rows: [
    { name: 'disk-warm', what: 'Rails, restored, images in memory', unit: 'ms' },
    { name: 'disk-warm-criu', what: 'of that, criu', unit: 'ms' },
    { name: 'disk-cold', what: 'Rails, restored, images on the disk', unit: 'ms' },
    { name: 'disk-cold-criu', what: 'of that, criu, from the disk', unit: 'ms' },
    { name: 'disk-read', what: 'images read until the first byte', unit: 'MiB' },
    { name: 'disk-speed', what: 'the disk, all images read in order', unit: 'MB/s' },
  ],
  ratios: [['disk-cold', 'disk-warm']],
  prepare,
  round,
};
