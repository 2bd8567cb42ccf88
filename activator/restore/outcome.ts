// What a launcher says of a start it made (grenadine-launch(8), OUTCOME): read from its report or from the file that it
// leaves in /run, which survives an activator that was not there. Pure but for readOutcomeFile().

import { readFile } from 'node:fs/promises';

export interface FailedRung {
  /** An id, or 'current' where the plan that would name it could not be read. */
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
  readonly realtimeUs: number;
  /** µs since the launcher's start, by phase: answered, namespaces, criu, ready. */
  readonly timingsUs: Readonly<Record<string, number>>;
}

const phases = ['answered', 'namespaces', 'criu', 'ready'] as const;

/** Reads `key=value` pairs; undefined when they do not say how the application came up. */
export function readOutcome(pairs: readonly (readonly [string, string])[]): Outcome | undefined {
  const last = (key: string): string | undefined => pairs.findLast(([name]) => name === key)?.[1];
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
    failed: pairs
      .filter(([key]) => key === 'failed')
      .flatMap(([, value]) => value.split('\n'))
      .flatMap(readFailedRung),
    realtimeUs: number('realtime-us'),
    timingsUs: Object.fromEntries(phases.map((phase) => [phase, number(`${phase}-us`)])),
  };
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
