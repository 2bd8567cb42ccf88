/**
 * Bare criu beside ours, of the same Rails application, neither started by systemd: systemd-socket-activate(1) holds the
 * port and becomes what restores when the first client connects. Stock criu restores the images as it wrote them, but for
 * the listener and the files of others than root, which are inherited: of that one application's own snapshot, whose
 * memory is copied. Ours is what the unit executes. Transient units only hold the processes together; CRIU_FAULT=130 is
 * one of the things we set and one may not know of.
 */
import { parsePlan } from '../../activator/store/plan.js';
import { bakeWhenAsked, inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { compile } from './compile.js';
import { compileFirstByte, measureFirstByte } from './first-byte.js';
import { imagesOf, readImages } from './images.js';
import { lastMustBeRestored } from './outcome.js';
import type { Question, Sample } from './question.js';
import { configureRails, flipArgv, layReleases } from './releases.js';
import { bakeCopied, bakeMapped, snapshotOf } from './snapshot.js';

const mapped = { name: 'rails-outside', port: 3029 } as const;
const copied = { name: 'rails-outside-copied', port: 3033 } as const;
const path = '/articles';

const ours = { row: 'outside-ours', what: 'our launcher', port: 3070, settings: [] } as const;
const ways = [
  ours,
  { row: 'outside-stock', what: 'stock criu', port: 3071, settings: [] },
  { row: 'outside-130', what: 'stock criu, CRIU_FAULT=130', port: 3072, settings: ['CRIU_FAULT=130'] },
] as const;
type Way = (typeof ways)[number];

/** Constant text with positional parameters: a port. Ends when somebody listens there. */
const awaitScript = 'until [[ -n $(ss --no-header --listening --tcp --numeric "sport = :$1") ]]; do :; done';

/** The pipe that standard output is must be there beforehand, to be inherited in place of the dumped ones. */
const pipedScript = '"$@" 2>&1 | cat';

async function prepare(bed: Bed): Promise<void> {
  await compileFirstByte(bed);
  await compile(bed, 'page-cache');
  await bakeWhenAsked(bed);
  await layReleases(bed);
  await inBed(bed, 'install', '--directory', '/run/outside');
  for (const { name, port } of [mapped, copied]) {
    await inBed(bed, ...flipArgv(name, 1, ['true']));
    await configureRails(bed, name, port, {}, name === copied.name ? '[Snapshot]\nMemory=copied\n' : '');
  }
  await bakeMapped(bed, mapped.name);
  await bakeCopied(bed, copied.name);
  // Unmeasured: the first of each way reads programs and libraries that nothing else here does.
  await round(bed);
}

async function round(bed: Bed): Promise<readonly Sample[]> {
  const stock = await stockArgv(bed);
  const launcher = await launcherArgv(bed);
  const samples: Sample[] = [];
  for (const way of ways)
    samples.push({ row: way.row, value: await measure(bed, way, way === ours ? launcher : stock) });
  return samples;
}

async function measure(bed: Bed, { row, port, settings }: Way, argv: readonly string[]): Promise<number> {
  const listener = ['systemd-socket-activate', `--listen=127.0.0.1:${port}`];
  const listening = [...listener, ...settings.map((setting) => `--setenv=${setting}`), ...argv];
  const unit = `${row}.service`;
  await inBed(bed, 'rm', '--force', `/run/grenadine/outcome/${mapped.name}`);
  await inBed(
    bed,
    ...['systemd-run', '--quiet', '--collect', `--unit=${unit}`, '--property=KillMode=mixed'],
    ...(row === ours.row ? listening : ['bash', '-c', pipedScript, 'piped', ...listening]),
  );
  await inBed(bed, 'bash', '-c', awaitScript, 'await', `${port}`);
  await readImages(bed, imagesOf(row === ours.row ? mapped.name : copied.name));
  const { firstByteMs, status } = await measureFirstByte(bed, port, path);
  // The launcher writes its outcome before it takes a signal.
  await inBed(bed, 'systemctl', '--quiet', 'stop', unit);
  if (status !== 200) throw new Error(`${row}: wrong answer (${status})`);
  if (row === ours.row) await lastMustBeRestored(bed, mapped.name);
  return firstByteMs;
}

async function stockArgv(bed: Bed): Promise<readonly string[]> {
  const snapshot = snapshotOf(copied.name);
  const { listeners, stdout, stderr, files } = parsePlan(await inBed(bed, 'cat', `${snapshot}/plan`));
  const inodes = [listeners[0]?.inode, stdout, stderr].map(String);
  const opened = files.flatMap(({ flags, path: file }) => [`${flags}`, file]);
  return ['/src/test/bench/outside/stock', `${snapshot}/criu`, ...inodes, ...opened];
}

/** What the unit of the application executes; that of this application has no word that needs quotes. */
async function launcherArgv(bed: Bed): Promise<readonly string[]> {
  const unit = await inBed(bed, 'systemctl', 'cat', `${mapped.name}.service`);
  const command = /^ExecStart=([^"'\\$%]*)$/m.exec(unit)?.[1];
  if (command === undefined) throw new Error(`what ${mapped.name}.service executes is not plain:\n${unit}`);
  return command.split(' ');
}

export const outside: Question = {
  name: 'outside',
  title: 'Rails restored, outside systemd, from connect to first byte',
  note: 'systemd-socket-activate listens, and becomes what restores.',
  rows: ways.map(({ row, what }) => ({ name: row, what, unit: 'ms' })),
  ratios: ways.slice(1).map(({ row }) => [row, ours.row] as const),
  prepare,
  round,
};
