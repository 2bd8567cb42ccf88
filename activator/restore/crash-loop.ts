// Whether what was restored ends again and again: then its snapshot is to blame, as far as anybody can tell, and a cold
// boot is worth the wait. Pure.

import type { Outcome } from './outcome.js';

/** Restores of one snapshot in a row. */
export interface Streak {
  readonly snapshot: string | undefined;
  /** When each began, µs since the epoch, the oldest first. */
  readonly begunUs: readonly number[];
}

export const noStreak: Streak = { snapshot: undefined, begunUs: [] };

/** The first, and as many restarts as RestartSteps= makes within a few seconds. */
const mostRestores = 4;
const withinUs = 30_000_000;

/** A switch was asked for, and says nothing of an end before. */
export function nextStreak(streak: Streak, { how, snapshot, isSwitch, realtimeUs }: Outcome): Streak {
  if (how !== 'restored' || isSwitch) return noStreak;
  const before = snapshot === streak.snapshot ? streak.begunUs : [];
  return { snapshot, begunUs: [...before, realtimeUs].slice(-mostRestores) };
}

/** `restarts` are those by systemd itself: who stops and starts a service by hand has not seen it crash. */
export function isCrashLoop({ begunUs }: Streak, restarts: number): boolean {
  const [first, last] = [begunUs[0], begunUs.at(-1)];
  if (first === undefined || last === undefined || begunUs.length < mostRestores) return false;
  return restarts >= mostRestores - 1 && last - first <= withinUs;
}

/** `ended` is how it did last; '' where the last of them still runs. */
export function describeLoop({ begunUs }: Streak, ended: string): string {
  const restored = `it was restored ${begunUs.length} times within seconds`;
  return ended === ''
    ? `${restored}, and ended ${begunUs.length - 1} times`
    : `${restored} and ended each time; the last time it ${ended}`;
}

export function mayBeCrashLoop(streak: Streak): boolean {
  return isCrashLoop(streak, mostRestores);
}
