/**
 * Back to the release before, from the command to the first answer that comes from it: `grenadine restore`, beside a
 * plain unit whose link is flipped back and which is restarted. Clients ask all the while, over new connections.
 */
import { bakeWhenAsked, inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { compileFirstAnswer, measureFirstAnswer } from './first-byte.js';
import { mustBeRestored } from './outcome.js';
import type { Question, Sample } from './question.js';
import { answerOf, configureRails, flipArgv, layReleases } from './releases.js';

const name = 'rails-rollback';
const service = `${name}.service`;
const port = 3020;

const byHand = [
  { row: 'rollback-bootsnap', unit: 'rails-by-hand@1', port: 3031 },
  { row: 'rollback-cold', unit: 'rails-by-hand@0', port: 3030 },
] as const;

/** Constant text with positional parameters: prints how many microseconds a command takes. */
const timeScript = `set -e
start=$EPOCHREALTIME
"$@"
end=$EPOCHREALTIME
echo $((\${end/./} - \${start/./}))`;

async function prepare(bed: Bed): Promise<void> {
  await compileFirstAnswer(bed);
  await bakeWhenAsked(bed);
  await layReleases(bed);
  await inBed(bed, ...flipArgv(name, 1, ['true']));
  await configureRails(bed, name, port);
  await inBed(bed, 'grenadine', 'bake', name);
  await inBed(bed, ...flipArgv(name, 2, ['grenadine', 'bake', name]));
  await inBed(bed, 'sh', '-c', 'install -m 0644 /src/test/apps/rails/plain/*@* /etc/systemd/system/');
  await inBed(bed, 'systemctl', 'daemon-reload');
  await inBed(bed, 'systemctl', 'start', ...byHand.map(({ unit }) => `${unit}.socket`));
  // Fills the bootsnap caches of both releases.
  for (const way of byHand) await rollBackByHand(bed, way);
}

async function round(bed: Bed): Promise<readonly Sample[]> {
  const samples: Sample[] = [await reload(bed), await rollBack(bed)];
  for (const way of byHand) samples.push(await rollBackByHand(bed, way));
  return samples;
}

/** The command alone, from its start to its end; nobody asks for anything meanwhile. */
async function reload(bed: Bed): Promise<Sample> {
  await serveNewest(bed);
  const us = await inBed(bed, 'bash', '-c', timeScript, 'time', 'systemctl', 'reload', service);
  await mustBeRestored(bed, name);
  // Stopped, so that no generation that is still ending meets what is measured next.
  await inBed(bed, 'systemctl', '--quiet', 'stop', service);
  return { row: 'reload', value: Number(us) / 1000 };
}

async function rollBack(bed: Bed): Promise<Sample> {
  await serveNewest(bed);
  const restore = ['grenadine', 'restore', name, '2'];
  const { answeredMs, refused, lost } = await measureFirstAnswer(bed, answerOf(port, 1), restore);
  if (refused + lost > 0) throw new Error(`a rollback refused ${refused} connections and lost ${lost}`);
  await mustBeRestored(bed, name);
  await inBed(bed, 'grenadine', 'restore', name, '--latest');
  await inBed(bed, 'systemctl', '--quiet', 'stop', service);
  return { row: 'rollback', value: answeredMs };
}

async function serveNewest(bed: Bed): Promise<void> {
  await measureFirstAnswer(bed, answerOf(port, 2), ['true']);
  await mustBeRestored(bed, name);
}

async function rollBackByHand(bed: Bed, { row, unit, port }: (typeof byHand)[number]): Promise<Sample> {
  await inBed(bed, ...flipArgv('by-hand', 2, ['systemctl', '--quiet', 'stop', `${unit}.service`]));
  await measureFirstAnswer(bed, answerOf(port, 2), ['true']);
  const flip = flipArgv('by-hand', 1, ['systemctl', 'restart', `${unit}.service`]);
  const { answeredMs } = await measureFirstAnswer(bed, answerOf(port, 1), flip);
  await inBed(bed, 'systemctl', '--quiet', 'stop', `${unit}.service`);
  return { row, value: answeredMs };
}

export const rollback: Question = {
  name: 'rollback',
  title: 'Back to the release before, from the command to its first answer',
  rows: [
    { name: 'reload', what: 'systemctl reload, to its end', unit: 'ms' },
    { name: 'rollback', what: 'grenadine restore rails 2', unit: 'ms' },
    { name: 'rollback-bootsnap', what: 'link flipped, unit restarted, warm bootsnap', unit: 'ms' },
    { name: 'rollback-cold', what: 'link flipped, unit restarted', unit: 'ms' },
  ],
  ratios: [
    ['rollback-cold', 'rollback'],
    ['rollback-bootsnap', 'rollback'],
  ],
  prepare,
  round,
};
