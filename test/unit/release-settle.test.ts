// When a release that was seen counts as deployed. Time is handed in.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Sighting } from '../../activator/release/release-id.js';
import { nextSettle, settleDueMs, type SettleState } from '../../activator/release/settle.js';

const settleMs = 1000;

function saw(id: string, mark = id): Sighting {
  return { release: { id, path: '/srv/web', target: `/srv/${id}` }, mark };
}

/** What was seen, and when, after release 1 had settled. */
function after(...sightings: readonly (readonly [nowMs: number, sighting: Sighting])[]): SettleState {
  const first: SettleState = { kind: 'settled', sighting: saw('1') };
  return sightings.reduce<SettleState>(
    (state, [nowMs, sighting]) => nextSettle(state, sighting, nowMs, settleMs),
    first,
  );
}

describe('a release', () => {
  test('that was just seen does not count yet, and is looked at again when it would', () => {
    const state = after([5000, saw('2')]);
    assert.equal(state.kind, 'moving');
    assert.equal(settleDueMs(state, settleMs), 6000);
  });

  test('that has been the same for the whole time counts', () => {
    const state = after([5000, saw('2')], [5500, saw('2')], [6000, saw('2')]);
    assert.deepEqual(state, { kind: 'settled', sighting: saw('2') });
    assert.equal(settleDueMs(state, settleMs), undefined);
  });

  test('flipped five times in a second counts once, as the last', () => {
    const flips = ['2', '3', '2', '3', '4'].map((id, at) => [5000 + at * 200, saw(id)] as const);
    const state = after(...flips);
    assert.equal(state.kind, 'moving');
    assert.equal(settleDueMs(state, settleMs), 6800);
    assert.deepEqual(nextSettle(state, saw('4'), 6800, settleMs), { kind: 'settled', sighting: saw('4') });
  });

  test('that is still being copied does not count until it is quiet', () => {
    const state = after([5000, saw('2', 'a')], [5900, saw('2', 'b')], [6100, saw('2', 'b')]);
    assert.equal(state.kind, 'moving');
    assert.equal(settleDueMs(state, settleMs), 6900);
  });

  test('that went back before it counted changes nothing', () => {
    assert.deepEqual(after([5000, saw('2')], [5100, saw('1')]), { kind: 'settled', sighting: saw('1') });
  });

  test('that stays the same is not in motion though something beside its name changed', () => {
    assert.equal(after([5000, saw('1', 'other')]).kind, 'settled');
  });
});
