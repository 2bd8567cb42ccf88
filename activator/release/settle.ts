// When a release that was seen counts as deployed: once it has looked the same for a moment. Pure; the clock is handed in.

import { isSameRelease, type Sighting } from './release-id.js';

export type SettleState =
  | { readonly kind: 'settled'; readonly sighting: Sighting }
  | {
      readonly kind: 'moving';
      /** What counted before. */
      readonly before: Sighting;
      readonly sighting: Sighting;
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
  const before = state.kind === 'settled' ? state.sighting : state.before;
  if (isSameRelease(before.release, sighting.release)) return { kind: 'settled', sighting };
  if (state.kind === 'settled' || state.sighting.mark !== sighting.mark) {
    return { kind: 'moving', before, sighting, sinceMs: nowMs };
  }
  return nowMs - state.sinceMs >= settleMs ? { kind: 'settled', sighting } : state;
}

/** When to look again though nothing happens; undefined while nothing is in motion. */
export function settleDueMs(state: SettleState, settleMs: number): number | undefined {
  return state.kind === 'moving' ? state.sinceMs + settleMs : undefined;
}
