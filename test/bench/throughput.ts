/**
 * Requests per second of a restored Rails process beside one that was booted cold, both warm, through units: what a
 * restore saves at the start it must not take back later. The third one was booted cold by our launcher, which relays
 * what it logs: so the launcher's part is told from the restored memory's. All from one snapshot are alike to the last
 * address, and may be quick or slow by that alone, as one boot is quicker than the next: each round has a new snapshot.
 */
import { bakeWhenAsked, inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { memoryOf } from './memory.js';
import { mustBeRestored } from './outcome.js';
import { processorMsOf } from './processor-time.js';
import type { Question, Sample } from './question.js';
import { configureRails, flipArgv, layReleases } from './releases.js';
import { askTimes, load } from './requests.js';
import { bakeMapped } from './snapshot.js';

const path = '/articles';
const warmUpRequests = 1000;
const seconds = 5;

const restored = {
  ...{ row: 'throughput-restored', what: 'Rails, restored' },
  ...{ unit: 'rails-throughput', port: 3027 },
} as const;
const cold = {
  ...{ row: 'throughput-cold', what: 'Rails, cold' },
  ...{ unit: 'throughput-cold', port: 3054 },
} as const;
const launched = {
  ...{ row: 'throughput-launched', what: 'Rails, cold, by the launcher' },
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
  const units = ['service', 'socket'].map((type) => `/src/test/bench/units/${cold.unit}.${type}`);
  await inBed(bed, 'install', '--mode=0644', ...units, '/etc/systemd/system/');
  await inBed(bed, 'systemctl', 'daemon-reload');
  await inBed(bed, 'systemctl', 'start', `${cold.unit}.socket`);
}

async function measure(bed: Bed, { row, unit, port }: Kind): Promise<readonly Sample[]> {
  await askTimes(bed, port, path, warmUpRequests);
  if (row === restored.row) await mustBeRestored(bed, unit);
  const service = `${unit}.service`;
  const beforeMs = await processorMsOf(bed, service);
  const { requests, perSecond } = await load(bed, port, path, seconds);
  const tookMs = (await processorMsOf(bed, service)) - beforeMs;
  const { pss } = await memoryOf(bed, service);
  await inBed(bed, 'systemctl', '--quiet', 'stop', service);
  return [
    { row, value: perSecond },
    { row: `${row}-processor`, value: tookMs / requests },
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
    await bakeMapped(bed, restored.unit);
    return samples;
  };
}

export const throughput: Question = {
  name: 'throughput',
  title: `Requests per second of a Rails process, after ${warmUpRequests} requests`,
  note: `wrk for ${seconds} s, on the same processors. Milliseconds: processor time of a request, in all processes of the unit.`,
  rows: [
    ...kinds.map(({ row, what }) => ({ name: row, what, unit: 'requests/s' }) as const),
    ...kinds.map(
      ({ row, what }) => ({ name: `${row}-processor`, what: `${what}: each request`, unit: 'ms' }) as const,
    ),
    ...kinds.map(
      ({ row, what }) => ({ name: `${row}-pss`, what: `${what}: memory (PSS)`, unit: 'MiB' }) as const,
    ),
  ],
  ratios: [
    [restored.row, cold.row],
    [restored.row, launched.row],
    [`${restored.row}-processor`, `${cold.row}-processor`],
    [`${restored.row}-processor`, `${launched.row}-processor`],
  ],
  prepare,
  round: createRound(),
};
