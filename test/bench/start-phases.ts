/**
 * Where the time of a restored start goes, from connect() to the first byte: by the stamps of client, systemd and
 * launcher, which are all of CLOCK_MONOTONIC.
 */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import type { Measured } from './first-byte.js';
import type { Stamps } from './outcome.js';
import type { Row, Sample } from './question.js';

export const startPhases: readonly Row[] = [
  { name: 'phase-systemd', what: 'systemd takes the connection', unit: 'ms' },
  { name: 'phase-executor', what: 'systemd-executor', unit: 'ms' },
  { name: 'phase-launcher', what: 'launcher: namespaces, answer, plan', unit: 'ms' },
  { name: 'phase-criu', what: 'criu', unit: 'ms' },
  { name: 'phase-answer', what: 'the application answers', unit: 'ms' },
];

/** `unit` is a service that the measured connection has started, and runs. */
export async function phasesOf(
  bed: Bed,
  unit: string,
  { connectedUs, firstByteMs }: Measured,
  stamps: Stamps,
): Promise<readonly Sample[]> {
  const forked = ['show', '--property=ExecMainStartTimestampMonotonic', '--value', `${unit}.service`];
  const at = (stamp: string): number => (stamps.get('start') ?? NaN) + (stamps.get(stamp) ?? NaN);
  const ends = [
    ...[Number(await inBed(bed, 'systemctl', ...forked)), stamps.get('start') ?? NaN],
    ...[at('criu-start'), at('criu'), connectedUs + firstByteMs * 1000],
  ];
  return startPhases.map(({ name }, index) => {
    const [begin = connectedUs, end = NaN] = [ends[index - 1], ends[index]];
    return { row: name, value: (end - begin) / 1000 };
  });
}
