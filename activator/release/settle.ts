// When what was seen counts, a release or files that were replaced: once it has looked the same for a moment. Pure; the
// clock is handed in.

import { isSameRelease, type Sighting } from './release-id.js';

export type SettleState<Seen = Sighting> =
  | { readonly kind: 'settled'; readonly sighting: Seen }
  | {
      readonly kind: 'moving';
      /** What counted before. */
      readonly before: Seen;
      readonly sighting: Seen;
      /** Since when it has looked like `sighting`. */
      readonly sinceMs: number;
    };

/** `sighting` was seen at `nowMs`. */
export function nextSettle(
  state: SettleState,
  sighting: Sighting,
  nowMs: number,
  settleMs: number,
): SettleState {
  const isSame = (one: Sighting, other: Sighting): boolean => isSameRelease(one.release, other.release);
  return nextSettleOf(state, sighting, nowMs, settleMs, isSame);
}

/** What is the same for `isSame` as what counted before is no change at all. */
export function nextSettleOf<Seen extends { readonly mark: string }>(
  state: SettleState<Seen>,
  sighting: Seen,
  nowMs: number,
  settleMs: number,
  isSame: (one: Seen, other: Seen) => boolean,
): SettleState<Seen> {
  const before = state.kind === 'settled' ? state.sighting : state.before;
  if (isSame(before, sighting)) return { kind: 'settled', sighting };
  if (state.kind === 'settled' || state.sighting.mark !== sighting.mark) {
    return { kind: 'moving', before, sighting, sinceMs: nowMs };
  }
  return nowMs - state.sinceMs >= settleMs ? { kind: 'settled', sighting } : state;
}

/** When to look again though nothing happens; undefined while nothing is in motion. */
export function settleDueMs(state: SettleState<unknown>, settleMs: number): number | undefined {
  return state.kind === 'moving' ? state.sinceMs + settleMs : undefined;
}
