// What a launcher says of a start it made (grenadine-launch(8), OUTCOME): read from its report or from the file that it
// leaves in /run, which survives an activator that was not there. Pure but for readOutcomeFile().

import { readFile } from 'node:fs/promises';

export interface FailedRung {
  readonly snapshot: string;
  readonly code: string;
  readonly text: string;
}

export interface Outcome {
  readonly how: 'restored' | 'cold';
  /** The snapshot that serves; undefined after a cold boot. */
  readonly snapshot: string | undefined;
  /** Who named the snapshot: the activator, the plan published beside `current`, or nobody. */
  readonly answer: string;
  /** Why it booted cold, as a fixed code; undefined after a restore. */
  readonly reason: string | undefined;
  readonly detail: string;
  /** The snapshots that were tried and failed, in order. */
  readonly failed: readonly FailedRung[];
  /** Why a cold boot had to do without namespaces; '' where it has some. */
  readonly plain: string;
  /** What of AfterRestore= failed; '' where nothing did. */
  readonly afterRestore: string;
  readonly realtimeUs: number;
  /** It came up beside an older generation, in a unit that had been started before. */
  readonly isSwitch: boolean;
  /** CLOCK_MONOTONIC when the launcher, or the switch, began. */
  readonly startUs: number;
  /** µs since then, by phase: answered, namespaces, criu-start, criu, ready; 0 for what did not happen. */
  readonly timingsUs: Readonly<Record<string, number>>;
}

/** A switch restored nothing: what ran goes on, and the last Outcome still says how that came up. */
export interface Kept {
  readonly how: 'kept';
  /** Why, as a fixed code. */
  readonly reason: string;
  readonly detail: string;
  readonly failed: readonly FailedRung[];
}

/** Are they of the same start, of which the later one may know more? */
export function isSameStart(one: Outcome, other: Outcome): boolean {
  return (
    one.realtimeUs === other.realtimeUs && one.startUs === other.startUs && one.snapshot === other.snapshot
  );
}

const phases = ['answered', 'namespaces', 'criu-start', 'criu', 'ready'] as const;

type Pairs = readonly (readonly [string, string])[];

/** Reads `key=value` pairs; undefined when they do not say what came of it. */
export function readReport(pairs: Pairs): Outcome | Kept | undefined {
  if (lastOf(pairs, 'how') !== 'kept') return readOutcome(pairs);
  return {
    how: 'kept',
    reason: lastOf(pairs, 'reason') ?? 'unknown',
    detail: lastOf(pairs, 'detail') ?? '',
    failed: readFailed(pairs),
  };
}

function readOutcome(pairs: Pairs): Outcome | undefined {
  const last = (key: string): string | undefined => lastOf(pairs, key);
  const how = last('how');
  if (how !== 'restored' && how !== 'cold') return undefined;
  const number = (key: string): number => {
    const value = Number(last(key) ?? 0);
    return Number.isSafeInteger(value) && value >= 0 ? value : 0;
  };
  return {
    how,
    snapshot: how === 'restored' ? last('snapshot') : undefined,
    answer: last('answer') ?? 'none',
    reason: how === 'cold' ? (last('reason') ?? 'unknown') : undefined,
    detail: last('detail') ?? '',
    failed: readFailed(pairs),
    plain: last('plain') ?? '',
    afterRestore: last('after-restore') ?? '',
    realtimeUs: number('realtime-us'),
    isSwitch: last('switched') === 'yes',
    startUs: number('start-us'),
    timingsUs: Object.fromEntries(phases.map((phase) => [phase, number(`${phase}-us`)])),
  };
}

function lastOf(pairs: Pairs, key: string): string | undefined {
  return pairs.findLast(([name]) => name === key)?.[1];
}

function readFailed(pairs: Pairs): readonly FailedRung[] {
  return pairs
    .filter(([key]) => key === 'failed')
    .flatMap(([, value]) => value.split('\n'))
    .flatMap(readFailedRung);
}

function readFailedRung(value: string): readonly FailedRung[] {
  const match = /^([0-9a-f]{12}|current) ([a-z0-9-]+) ?(.*)$/.exec(value);
  return match === null ? [] : [{ snapshot: match[1] ?? '', code: match[2] ?? '', text: match[3] ?? '' }];
}

/** Reads the outcome that the last start of `name` left; undefined when there is none. */
export async function readOutcomeFile(
  name: string,
  runDirectory = '/run/grenadine',
): Promise<Outcome | undefined> {
  const text = await readFile(`${runDirectory}/outcome/${name}`, 'utf8').catch(() => '');
  return readOutcome(
    text
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
  );
}
