/**
 * A deployment, from the flip of the link that Path= names to the published snapshot of the new release, step by step,
 * while the old one is up and idle; beside a cold boot of the same release in a plain unit.
 */
import { bakeWhenAsked, inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { watchBake } from './bake-progress.js';
import { compileFirstAnswer, measureFirstAnswer } from './first-byte.js';
import { mustBeRestored } from './outcome.js';
import type { Question, Sample } from './question.js';
import { answerOf, configureRails, flipArgv, layReleases } from './releases.js';

const name = 'rails-deploy';
const port = 3021;
const plain = { unit: 'rails-by-hand@0', port: 3030 } as const;

/** Where each step ends, by the phase that the bake goes on to. */
const steps = [
  { row: 'deploy-settle', what: 'settling, and an empty workbench', until: 'booting' },
  { row: 'deploy-boot', what: 'cold boot aside', until: 'ready' },
  { row: 'deploy-warm-up', what: 'warm-up requests', until: 'dumping' },
  { row: 'deploy-dump', what: 'dump, edit, checksums', until: 'proving' },
  { row: 'deploy-prove', what: 'proof, publication', until: 'published' },
] as const;

async function prepare(bed: Bed): Promise<void> {
  await compileFirstAnswer(bed);
  await bakeWhenAsked(bed);
  await layReleases(bed);
  await inBed(bed, ...flipArgv(name, 1, ['true']));
  await configureRails(bed, name, port);
  await inBed(bed, 'grenadine', 'bake', name);
  await inBed(bed, 'sh', '-c', 'install -m 0644 /src/test/apps/rails/plain/*@* /etc/systemd/system/');
  await inBed(bed, 'systemctl', 'daemon-reload');
  await inBed(bed, 'systemctl', 'start', `${plain.unit}.socket`);
}

async function round(bed: Bed): Promise<readonly Sample[]> {
  return [...(await deploy(bed)), await bootCold(bed)];
}

/** The other release over the one that is deployed; that one's snapshot is removed, to be made again next time. */
async function deploy(bed: Bed): Promise<readonly Sample[]> {
  const old = (await inBed(bed, 'readlink', `/srv/rails/${name}`)).trim().endsWith('/1') ? 1 : 2;
  const next = old === 1 ? 2 : 1;
  await measureFirstAnswer(bed, answerOf(port, old), ['true']);
  await mustBeRestored(bed, name);
  await setBake(bed, 'auto');
  let flippedMs = NaN;
  const seen = await watchBake(bed, name, async () => {
    flippedMs = Number(await inBed(bed, ...flipArgv(name, next, ['date', '+%s%6N']))) / 1000;
  });
  await setBake(bed, 'manual');
  await inBed(bed, 'systemctl', '--quiet', 'stop', `${name}.service`);
  // Until another one has come up, the old snapshot counts as in use.
  await measureFirstAnswer(bed, answerOf(port, next), ['true']);
  await mustBeRestored(bed, name);
  await inBed(bed, 'grenadine', 'remove', name, '2');

  const at = (phase: string): number => seen.find((step) => step.phase === phase)?.atMs ?? NaN;
  let fromMs = flippedMs;
  const samples = steps.map(({ row, until }): Sample => {
    const value = at(until) - fromMs;
    fromMs = at(until);
    return { row, value };
  });
  return [...samples, { row: 'deploy', value: at('published') - flippedMs }];
}

/** grenadine.conf(5), over what bakeWhenAsked() says. */
async function setBake(bed: Bed, how: 'auto' | 'manual'): Promise<void> {
  const file = '/etc/grenadine/grenadine.conf.d/60-bench.conf';
  await inBed(bed, 'bash', '-c', 'printf "[Activator]\\nBake=%s\\n" "$1" >"$2"', 'set', how, file);
  await inBed(bed, 'systemctl', 'daemon-reload');
}

async function bootCold(bed: Bed): Promise<Sample> {
  const service = `${plain.unit}.service`;
  await inBed(bed, ...flipArgv('by-hand', 2, ['systemctl', '--quiet', 'stop', service]));
  const { answeredMs } = await measureFirstAnswer(bed, answerOf(plain.port, 2), ['true']);
  await inBed(bed, 'systemctl', '--quiet', 'stop', service);
  return { row: 'deploy-cold', value: answeredMs };
}

export const deployment: Question = {
  name: 'deploy',
  title: 'A deployment, from the flip of the link to the published snapshot',
  rows: [
    ...steps.map(({ row, what }) => ({ name: row, what, unit: 'ms' }) as const),
    { name: 'deploy', what: 'all of it', unit: 'ms' },
    { name: 'deploy-cold', what: 'a plain cold boot, for comparison', unit: 'ms' },
  ],
  ratios: [['deploy', 'deploy-cold']],
  phases: steps.map(({ row }) => row),
  prepare,
  round,
};
