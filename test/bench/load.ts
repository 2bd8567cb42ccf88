/**
 * Many at once: a thousand clients that connect to one sleeping application in the same moment, and fifty sleeping
 * applications that are woken in the same moment. The fifty are one program with fifty snapshots, which share the files
 * of their memory.
 */
import { bakeWhenAsked, deployInBed, inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { compile, programPath } from './compile.js';
import { mustBeRestored } from './outcome.js';
import type { Question, Sample } from './question.js';
import { configureRails, flipArgv, layReleases } from './releases.js';
import { bakeMapped } from './snapshot.js';
import { summarize } from './statistics.js';

const rails = { name: 'rails-load', port: 3029 } as const;
const clients = 1000;
const applications = 50;
const firstPort = 21_001;
const ports = Array.from({ length: applications }, (_, index) => firstPort + index);
const names = ports.map((_, index) => `memory-${index + 1}`);

const kinds = [
  { row: 'load-clients', what: `${clients} clients of one Rails application` },
  { row: 'load-applications', what: `${applications} applications, one client each` },
] as const;
const parts = [
  { part: 'first', what: 'the first byte of the first answer' },
  { part: 'median', what: 'of the median' },
  { part: 'last', what: 'of the last' },
] as const;

async function prepare(bed: Bed): Promise<void> {
  await compile(bed, 'crowd-answers');
  await bakeWhenAsked(bed);
  await layReleases(bed);
  await inBed(bed, ...flipArgv(rails.name, 1, ['true']));
  await configureRails(bed, rails.name, rails.port);
  await bakeMapped(bed, rails.name);
  await deployInBed(bed, 'memory');
  await inBed(bed, 'systemctl', 'daemon-reload');
  await inBed(bed, 'grenadine', 'bake', 'memory');
  await inBed(bed, 'node', '/src/build/test/load/copies.js', 'memory', `${applications}`, `${firstPort}`);
}

async function round(bed: Bed): Promise<readonly Sample[]> {
  const one = await wake(bed, kinds[0].row, '/articles/1.json', clients, [rails.port], [rails.name]);
  return [...one, ...(await wake(bed, kinds[1].row, '/whole', 1, ports, names))];
}

/** Everybody is answered, each application was restored, and sleeps again afterwards. */
async function wake(
  bed: Bed,
  row: string,
  path: string,
  each: number,
  at: readonly number[],
  woken: readonly string[],
): Promise<readonly Sample[]> {
  const said = await inBed(bed, programPath('crowd-answers'), path, `${each}`, ...at.map(String));
  const { minimum, median, maximum } = summarize(said.trim().split('\n').map(Number));
  for (const name of woken) await mustBeRestored(bed, name);
  await inBed(bed, 'systemctl', '--quiet', 'stop', ...woken.map((name) => `${name}.service`));
  return [
    { row: `${row}-first`, value: minimum / 1000 },
    { row: `${row}-median`, value: median / 1000 },
    { row: `${row}-last`, value: maximum / 1000 },
  ];
}

export const load: Question = {
  name: 'load',
  title: 'Many at once, from the first connect',
  note: 'All clients run on the same processors.',
  rows: kinds.flatMap(({ row, what }) =>
    parts.map(
      ({ part, what: which }) => ({ name: `${row}-${part}`, what: `${what}: ${which}`, unit: 'ms' }) as const,
    ),
  ),
  ratios: [],
  ownBed: true,
  prepare,
  round,
};
