/**
 * What the activator costs: how soon it answers a launcher, idle and while it bakes, how long a start waits for that
 * answer, its memory and its wakeups; with one application, and with a hundred.
 */
import { bakeWhenAsked, inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { askWhile, type Answers } from './activator-answers.js';
import { measureIdle } from './activator-idle.js';
import { compile } from './compile.js';
import { dissolveCrowd, layCrowd } from './crowd.js';
import { measureFirstByte } from './first-byte.js';
import { msBetween, mustBeRestored } from './outcome.js';
import type { Question, Row, Sample } from './question.js';
import { configureRails, flipArgv, layReleases } from './releases.js';
import { awaitRest } from './rest.js';
import { summarize } from './statistics.js';

const name = 'rails-activator';
const port = 3024;
const crowd = 100;

const cases = [
  { key: 'one', words: '1 application' },
  { key: 'many', words: `${crowd} applications` },
] as const;
type Key = (typeof cases)[number]['key'];

/** Rows of one case, by the names that follow its own. */
const measures = [
  { name: 'answer', what: 'Activate, idle', unit: 'ms' },
  { name: 'answer-p99', what: 'idle, 99th percentile', unit: 'ms' },
  { name: 'baking', what: 'Activate, in a bake', unit: 'ms' },
  { name: 'baking-p99', what: 'in a bake, 99th percentile', unit: 'ms' },
  { name: 'baking-max', what: 'in a bake, the slowest', unit: 'ms' },
  { name: 'start', what: 'of a start, to the answer', unit: 'ms' },
  { name: 'wait', what: 'of a start, waited for it', unit: 'ms' },
  { name: 'rss', what: 'memory (RSS)', unit: 'MiB' },
  { name: 'pss', what: 'memory (PSS)', unit: 'MiB' },
  { name: 'wakeups', what: 'wakeups, idle', unit: '1/s' },
] as const satisfies readonly Row[];
type Measure = (typeof measures)[number]['name'];

const rowOf = (key: Key, measure: Measure): string => `activator-${key}-${measure}`;

async function prepare(bed: Bed): Promise<void> {
  await compile(bed, 'first-byte');
  await compile(bed, 'activate');
  await bakeWhenAsked(bed);
  await layReleases(bed);
  await inBed(bed, ...flipArgv(name, 1, ['true']));
  await configureRails(bed, name, port);
  await inBed(bed, 'grenadine', 'bake', name);
}

async function round(bed: Bed): Promise<readonly Sample[]> {
  const one = await measure(bed, 'one');
  await layCrowd(bed, crowd);
  await reload(bed);
  const many = await measure(bed, 'many');
  await dissolveCrowd(bed);
  await reload(bed);
  return [...one, ...many];
}

async function measure(bed: Bed, key: Key): Promise<readonly Sample[]> {
  const sample = (what: Measure, value: number): Sample => ({ row: rowOf(key, what), value });
  await awaitRest();
  const { rssMib, pssMib, wakeupsPerSecond } = await measureIdle(bed);
  const idle = await askWhile(bed, name, ['sleep', '3']);
  const baking = await askWhile(bed, name, ['grenadine', 'bake', name]);
  await awaitRest();
  return [
    ...[sample('answer', medianOf(idle)), sample('answer-p99', oneOfHundred(idle))],
    ...[sample('baking', medianOf(baking)), sample('baking-p99', oneOfHundred(baking))],
    sample('baking-max', baking.at(-1) ?? NaN),
    ...(await start(bed)).map(([what, value]) => sample(what, value)),
    ...[sample('rss', rssMib), sample('pss', pssMib), sample('wakeups', wakeupsPerSecond)],
  ];
}

/** The start of a launcher's own clock is its first line, so this is a little more than the call. */
async function start(bed: Bed): Promise<readonly (readonly [Measure, number])[]> {
  await measureFirstByte(bed, port, '/articles');
  const stamps = await mustBeRestored(bed, name);
  await inBed(bed, 'systemctl', '--quiet', 'stop', `${name}.service`);
  return [
    ['start', (stamps.get('answered') ?? NaN) / 1000],
    ['wait', Math.max(0, msBetween(stamps, 'namespaces', 'answered'))],
  ];
}

function medianOf(answers: Answers): number {
  return summarize(answers).median;
}

/** The 99th percentile, as a sample: it was measured. */
function oneOfHundred(answers: Answers): number {
  return answers[Math.ceil(answers.length * 0.99) - 1] ?? NaN;
}

/** Until the activator has read all configuration, too. */
async function reload(bed: Bed): Promise<void> {
  await inBed(bed, 'systemctl', 'daemon-reload');
  await awaitRest();
}

export const activator: Question = {
  name: 'activator',
  title: 'The activator: its answers, its memory, its wakeups',
  note: 'Activate: from before the connection to the bus to the answer. Wakeups: context switches of all threads.',
  rows: cases.flatMap(({ key, words }) =>
    measures.map(({ name: measure, what, unit }) => ({
      ...{ name: rowOf(key, measure), what: `${words}: ${what}`, unit },
    })),
  ),
  ratios: [[rowOf('many', 'answer'), rowOf('one', 'answer')]],
  ownBed: true,
  prepare,
  round,
};
