/**
 * Other ways to have the same Rails application up soon, each with the flags that suit it best. The peers with a
 * snapshot take no socket: the application binds its port itself, the time runs from their restore command to the
 * first byte for a client that tries again every millisecond, and no unit is started in it. A peer that cannot do it
 * has its answer in the table.
 */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { lastLines } from '../bed/run-command.js';
import { compileFirstAnswer, measureFirstAnswer, measureFirstByte } from './first-byte.js';
import { firstConnection } from './first-connection.js';
import { packaged, packages, peers, type Peer } from './peer-commands.js';
import type { Question, Row, Sample } from './question.js';
import { startPhases } from './start-phases.js';

const proxied = { row: 'proxyd', what: 'cold, behind systemd-socket-proxyd', port: 3040 } as const;

const aptTimeoutMs = 300_000;
const makeTimeoutMs = 180_000;

/**
 * In cgroups of the bed's systemd: a command of the bench is in some of the host's, too, which a restore cannot find.
 * What else the unit holds is ended with it.
 */
const unit = ['systemd-run', '--quiet', '--pipe', '--wait', '--collect'];

const wanted = { path: '/articles', wanted: '25 articles' } as const;

/** Answers why the packages could not be had, or nothing. */
async function installPeers(bed: Bed): Promise<string | undefined> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  for (const argv of [['update'], ['install', '--yes', '--no-install-recommends', ...packages]]) {
    const { status, stderr } = await bed.run(['apt-get', '--quiet', ...argv], {
      env,
      timeoutMs: aptTimeoutMs,
    });
    if (status !== 0) return lastLines(stderr, 1);
  }
  return undefined;
}

/** What the peers said that have no snapshot: by row. They are not asked again. */
function createPeers(): Pick<Question, 'prepare' | 'round'> {
  const refusals = new Map<string, string>();

  const make = async (bed: Bed, { row, port, make: argv, end }: Peer): Promise<void> => {
    if (argv === undefined) return;
    const { status, stdout, stderr } = await bed.run([...unit, ...argv, `${port}`], {
      timeoutMs: makeTimeoutMs,
    });
    if (status !== 0) refusals.set(row, lastLines(stdout + stderr, 1));
    // Whatever the checkpoint has left of it. The status says nothing: there may be nothing left.
    await bed.run([...unit, ...end], { timeoutMs: makeTimeoutMs });
  };

  /** A restore that fails is an answer, too. */
  const attempt = async (bed: Bed, peer: Peer): Promise<Sample> => {
    const { row, port, images, restore, end } = peer;
    // As ours are: in the page cache.
    await inBed(bed, 'sh', '-c', `find ${images} -type f -exec cat {} + >/dev/null`);
    try {
      const { answeredMs } = await measureFirstAnswer(bed, { port, ...wanted }, restore, unit);
      return { row, value: answeredMs };
    } catch (error) {
      return { row, refusal: lastLines(String(error), 2).replaceAll('\n', ' ') };
    } finally {
      await bed.run([...unit, ...end], { timeoutMs: makeTimeoutMs });
    }
  };

  /** A peer that dumps but never restores is found here, and not asked in each round. */
  const prove = async (bed: Bed, peer: Peer): Promise<void> => {
    const sample = await attempt(bed, peer);
    if ('refusal' in sample) refusals.set(peer.row, sample.refusal);
  };

  const prepare = async (bed: Bed): Promise<void> => {
    await firstConnection.prepare(bed);
    await compileFirstAnswer(bed);
    const missing = await installPeers(bed);
    if (missing !== undefined) for (const row of packaged) refusals.set(row, missing);
    for (const peer of peers) {
      if (!refusals.has(peer.row)) await make(bed, peer);
      if (!refusals.has(peer.row)) await prove(bed, peer);
    }
    await inBed(bed, 'sh', '-c', 'install -m 0644 /src/test/bench/units/rails-* /etc/systemd/system/');
    await inBed(bed, 'systemctl', 'daemon-reload');
    await inBed(bed, 'systemctl', 'start', 'rails-proxied.socket');
  };

  const round = async (bed: Bed): Promise<readonly Sample[]> => {
    const samples: Sample[] = [];
    for (const peer of peers) {
      const refusal = refusals.get(peer.row);
      samples.push(refusal === undefined ? await attempt(bed, peer) : { row: peer.row, refusal });
    }
    const { firstByteMs } = await measureFirstByte(bed, proxied.port, wanted.path);
    await inBed(bed, 'systemctl', '--quiet', 'stop', 'rails-proxied.service', 'rails-own.service');
    return [...(await firstConnection.round(bed)), ...samples, { row: proxied.row, value: firstByteMs }];
  };
  return { prepare, round };
}

const rowOf = ({ row, what }: { readonly row: string; readonly what: string }): Row => ({
  name: row,
  what,
  unit: 'ms',
});

export const peerQuestion: Question = {
  name: 'peers',
  title: 'Rails up, by other ways: to the first byte of the first answer',
  note: 'criu, runc, crun and podman restore an application that binds its port itself; timed from their command on.',
  rows: [
    ...firstConnection.rows.slice(0, 3),
    ...peers.map(rowOf),
    ...firstConnection.rows.slice(3),
    rowOf(proxied),
  ],
  ratios: [
    ...firstConnection.ratios,
    ['proxyd', 'restored'],
    ...peers.map(({ row }) => [row, 'restored'] as const),
  ],
  phases: startPhases.map(({ name }) => name),
  needsNetwork: true,
  ...createPeers(),
};
