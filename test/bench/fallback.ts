/**
 * What a snapshot that fails costs: the first connection to a Rails application whose snapshot is damaged, and which is
 * booted cold after CRIU has failed, beside one that has no snapshots, and beside a plain unit. The activator runs, and
 * sets the snapshot aside meanwhile; each round has a new one. Each begins as many rounds, and follows each other one.
 */
import { bakeWhenAsked, inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { compileFirstByte, measureFirstByte } from './first-byte.js';
import { mustBeColdFor } from './outcome.js';
import type { Question, Sample } from './question.js';
import { configureRails, flipArgv, layReleases } from './releases.js';
import { awaitRest } from './rest.js';
import { bakeMapped, snapshotOf } from './snapshot.js';

const path = '/articles';

interface Kind {
  readonly row: string;
  readonly what: string;
  readonly unit: string;
  readonly port: number;
  /** Why it is cold, by grenadine-launch(8), OUTCOME; a plain unit is nothing else. */
  readonly reason?: string;
}

const plain: Kind = { row: 'fallback-plain', what: 'cold, a plain unit', unit: 'rails-cold', port: 3001 };
const launched: Kind = {
  ...{ row: 'fallback-launched', what: 'cold, without snapshots', reason: 'no-snapshot' },
  ...{ unit: 'rails-unbaked', port: 3034 },
};
const failed: Kind = {
  ...{ row: 'fallback-failed', what: 'cold, after a snapshot that failed', reason: 'restore-failed' },
  ...{ unit: 'rails-fallen', port: 3035 },
};
const kinds = [plain, failed, launched] as const;

async function prepare(bed: Bed): Promise<void> {
  await compileFirstByte(bed);
  await bakeWhenAsked(bed);
  await layReleases(bed);
  for (const { unit } of [launched, failed]) await inBed(bed, ...flipArgv(unit, 2, ['true']));
  await configureRails(bed, launched.unit, launched.port, {}, '[Snapshot]\nEnable=no\n');
  await configureRails(bed, failed.unit, failed.port);
  await inBed(
    bed,
    'sh',
    '-c',
    `install -m 0644 /src/test/apps/rails/plain/${plain.unit}.* /etc/systemd/system/`,
  );
  await inBed(bed, 'systemctl', 'daemon-reload');
  await inBed(bed, 'systemctl', 'start', `${plain.unit}.socket`);
  // Unmeasured: the first of each reads what nothing else here does.
  for (const kind of [plain, launched]) await measure(bed, kind);
}

async function measure(bed: Bed, kind: Kind): Promise<readonly Sample[]> {
  const { row, unit, port, reason } = kind;
  if (kind === failed) await damage(bed);
  const { firstByteMs, status } = await measureFirstByte(bed, port, path);
  if (status !== 200) throw new Error(`${unit}: wrong answer (${status})`);
  const samples = [{ row, value: firstByteMs }];
  if (reason !== undefined) {
    const stamps = await mustBeColdFor(bed, unit, reason);
    samples.push({ row: `${row}-command`, value: (stamps.get('ready') ?? NaN) / 1000 });
  }
  await inBed(bed, 'systemctl', '--quiet', 'stop', `${unit}.service`);
  return samples;
}

/** As a disk does it, behind the activator's back: CRIU refuses the file when it reads it. */
async function damage(bed: Bed): Promise<void> {
  const file = `of=${snapshotOf(failed.unit)}/criu/files.img`;
  await inBed(bed, 'dd', 'if=/dev/zero', file, 'bs=1', 'count=1', 'conv=notrunc', 'status=none');
}

function createRound(): Question['round'] {
  let rounds = 0;
  return async (bed) => {
    await bakeMapped(bed, failed.unit);
    const first = rounds % kinds.length;
    const turned = [...kinds.slice(first), ...kinds.slice(0, first)];
    const order = rounds % 2 === 0 ? turned : turned.toReversed();
    rounds += 1;
    const samples: Sample[] = [];
    for (const kind of order) {
      await awaitRest();
      samples.push(...(await measure(bed, kind)));
    }
    return samples;
  };
}

export const fallback: Question = {
  name: 'fallback',
  title: 'Rails booted cold, from connect to first byte',
  rows: [
    ...kinds.map(({ row, what }) => ({ name: row, what, unit: 'ms' }) as const),
    ...[launched, failed].map(
      ({ row, what }) => ({ name: `${row}-command`, what: `${what}: to its command`, unit: 'ms' }) as const,
    ),
  ],
  ratios: [
    [launched.row, plain.row],
    [failed.row, plain.row],
  ],
  prepare,
  round: createRound(),
};
