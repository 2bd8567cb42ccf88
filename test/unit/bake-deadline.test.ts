// How long CRIU may take over a restore, from what the proof of the snapshot took.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restoreDeadlineMs } from '../../activator/bake/snapshot-draft.js';

test('a restore may take ten times as long as its proof, and two seconds', () => {
  assert.equal(restoreDeadlineMs(50), 2500);
  assert.equal(restoreDeadlineMs(1000), 12_000);
});

test('nobody waits longer than a minute, but for a proof that took half of that', () => {
  assert.equal(restoreDeadlineMs(10_000), 60_000);
  assert.equal(restoreDeadlineMs(40_000), 80_000);
});
