/**
 * Requests per second of a restored Rails process beside one that was booted cold, both warm, through units: what a
 * restore saves at the start it must not take back later. The third one was booted cold by our launcher, which relays
 * what it logs: so the launcher's part is told from the restored memory's.
 */
import { bakeWhenAsked, inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { memoryOf } from './memory.js';
import { mustBeRestored } from './outcome.js';
import type { Question, Sample } from './question.js';
import { configureRails, flipArgv, layReleases } from './releases.js';
import { askTimes, requestsPerSecond } from './requests.js';
import { bakeMapped } from './snapshot.js';

const path = '/articles';
const warmUpRequests = 1000;
const seconds = 10;

const restored = {
  ...{ row: 'throughput-restored', what: 'Rails, restored' },
  ...{ unit: 'rails-throughput', port: 3027 },
} as const;
const cold = {
  ...{ row: 'throughput-cold', what: 'Rails, booted cold by a plain unit' },
  ...{ unit: 'throughput-cold', port: 3054 },
} as const;
const launched = {
  ...{ row: 'throughput-launched', what: 'Rails, booted cold by the launcher' },
  ...{ unit: 'rails-launched', port: 3028 },
} as const;
const kinds = [restored, cold, launched] as const;
type Kind = (typeof kinds)[number];

async function prepare(bed: Bed): Promise<void> {
  await bakeWhenAsked(bed);
  await layReleases(bed);
  for (const { unit } of [restored, launched]) await inBed(bed, ...flipArgv(unit, 1, ['true']));
  await configureRails(bed, restored.unit, restored.port);
  await configureRails(bed, launched.unit, launched.port, {}, '[Snapshot]\nEnable=no\n');
  await bakeMapped(bed, restored.unit);
  await inBed(
    bed,
    'sh',
    '-c',
    'install -m 0644 /src/test/bench/units/throughput-cold.* /etc/systemd/system/',
  );
  await inBed(bed, 'systemctl', 'daemon-reload');
  await inBed(bed, 'systemctl', 'start', `${cold.unit}.socket`);
}

async function measure(bed: Bed, { row, unit, port }: Kind): Promise<readonly Sample[]> {
  await askTimes(bed, port, path, warmUpRequests);
  if (row === restored.row) await mustBeRestored(bed, unit);
  const rate = await requestsPerSecond(bed, port, path, seconds);
  const { pss } = await memoryOf(bed, `${unit}.service`);
  await inBed(bed, 'systemctl', '--quiet', 'stop', `${unit}.service`);
  return [
    { row, value: rate },
    { row: `${row}-pss`, value: pss },
  ];
}

/** Another one begins each round, so that a machine that slows down in its course slows down all alike. */
function createRound(): Question['round'] {
  let order: readonly Kind[] = kinds;
  return async (bed) => {
    const samples: Sample[] = [];
    for (const kind of order) samples.push(...(await measure(bed, kind)));
    order = [...order.slice(1), ...order.slice(0, 1)];
    return samples;
  };
}

export const throughput: Question = {
  name: 'throughput',
  title: `Requests per second of a Rails process, after ${warmUpRequests} requests`,
  note: `wrk for ${seconds} s, on the same processors. Memory is that of all processes of the unit afterwards.`,
  rows: [
    ...kinds.map(({ row, what }) => ({ name: row, what, unit: 'requests/s' }) as const),
    ...kinds.map(({ row, what }) => ({ name: `${row}-pss`, what: `${what} (PSS)`, unit: 'MiB' }) as const),
  ],
  ratios: [
    [restored.row, cold.row],
    [restored.row, launched.row],
  ],
  prepare,
  round: createRound(),
};
