/**
 * What the kernel's random numbers cost a first connection: Rails with OpenSSL's generator replaced, as it is by itself,
 * beside the same with OPENSSL_CONF_INCLUDE= set, which leaves OpenSSL alone. All starts from one snapshot are alike to
 * the last address, and may be quick or slow by that alone: each has a new snapshot now and then. The other one begins
 * each round.
 */
import { bakeWhenAsked, inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { compile } from './compile.js';
import { compileFirstByte, measureFirstByte } from './first-byte.js';
import { imagesOf, readImages } from './images.js';
import { mustBeRestored } from './outcome.js';
import type { Question, Sample } from './question.js';
import { configureRails, flipArgv, layReleases } from './releases.js';
import { bakeMapped } from './snapshot.js';

const path = '/articles';
const roundsOfASnapshot = 10;
/** OpenSSL's own generator repeats, so that its snapshot would serve once. */
const settings = '[Snapshot]\nReuse=always\n';

const kernel = {
  row: 'openssl-kernel',
  what: 'numbers of the kernel',
  unit: 'rails-kernel',
  port: 3036,
} as const;
const own = {
  row: 'openssl-own',
  what: 'numbers of OpenSSL itself',
  unit: 'rails-openssl',
  port: 3037,
} as const;
const kinds = [kernel, own] as const;
type Kind = (typeof kinds)[number];

async function prepare(bed: Bed): Promise<void> {
  await compileFirstByte(bed);
  await compile(bed, 'page-cache');
  await bakeWhenAsked(bed);
  await layReleases(bed);
  for (const { unit } of kinds) await inBed(bed, ...flipArgv(unit, 2, ['true']));
  await configureRails(bed, kernel.unit, kernel.port, {}, settings);
  await configureRails(bed, own.unit, own.port, { OPENSSL_CONF_INCLUDE: '/etc/ssl' }, settings);
}

async function measure(bed: Bed, { row, unit, port }: Kind): Promise<Sample> {
  await readImages(bed, imagesOf(unit));
  const { firstByteMs, status } = await measureFirstByte(bed, port, path);
  if (status !== 200) throw new Error(`${unit}: wrong answer (${status})`);
  await mustBeRestored(bed, unit);
  await mustDrawFrom(bed, unit, row);
  await inBed(bed, 'systemctl', '--quiet', 'stop', `${unit}.service`);
  return { row, value: firstByteMs };
}

/** Constant text with a positional parameter: a unit. Prints what its processes have mapped. */
const mapsScript = `group=$(systemctl show --property=ControlGroup --value "$1")
while read -r pid; do cat "/proc/$pid/maps"; done < "/sys/fs/cgroup$group/cgroup.procs"`;

async function mustDrawFrom(bed: Bed, unit: string, row: Kind['row']): Promise<void> {
  const maps = await inBed(bed, 'bash', '-c', mapsScript, 'maps', `${unit}.service`);
  if (maps.includes('/grenadine-rand.so') !== (row === kernel.row))
    throw new Error(`${unit} has the other generator`);
}

function createRound(): Question['round'] {
  let rounds = 0;
  return async (bed) => {
    if (rounds % roundsOfASnapshot === 0) for (const { unit } of kinds) await bakeMapped(bed, unit);
    const order = rounds % 2 === 0 ? kinds : kinds.toReversed();
    rounds += 1;
    const samples: Sample[] = [];
    for (const kind of order) samples.push(await measure(bed, kind));
    return samples;
  };
}

export const openssl: Question = {
  name: 'openssl',
  title: 'Rails restored, from connect to first byte, by where OpenSSL’s random numbers come from',
  note: `Both have a new snapshot every ${roundsOfASnapshot} rounds.`,
  rows: kinds.map(({ row, what }) => ({ name: row, what, unit: 'ms' })),
  ratios: [[kernel.row, own.row]],
  prepare,
  round: createRound(),
};
