// When the activator takes a report in: the first answer of what was restored goes before.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createIntake } from '../../activator/restore/intake.js';
import { readReport, type Kept, type Outcome } from '../../activator/restore/outcome.js';

function reportOf(how: string, failed: readonly string[] = []): Outcome | Kept {
  const report = readReport([['how', how], ...failed.map((rung) => ['failed', rung] as const)]);
  assert.ok(report);
  return report;
}

/** An intake whose pauses end when the test says so, and what it did, in order. */
function begin() {
  const done: string[] = [];
  const pauses: (() => void)[] = [];
  const intake = createIntake(() => new Promise<void>((resolve) => pauses.push(resolve)));
  const add = (name: string, report: Outcome | Kept, what: string): Promise<void> =>
    intake.add(name, report, () => {
      done.push(what);
      return Promise.resolve();
    });
  /** Until everything has happened that waits for no pause. */
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { done, pauses, add, settle };
}

test('what a restore leaves to do waits until its first answer is out', async () => {
  const { done, pauses, add, settle } = begin();
  const added = add('web', reportOf('restored'), 'restored');
  await settle();
  assert.deepEqual(done, []);
  pauses.shift()?.();
  await added;
  assert.deepEqual(done, ['restored']);
});

test('a cold boot, a switch that failed and a snapshot that failed are taken in at once', async () => {
  const { done, pauses, add } = begin();
  await add('web', reportOf('cold'), 'cold');
  await add('web', reportOf('kept'), 'kept');
  await add('web', reportOf('restored', ['4f19d799cc5d criu-failed it said nothing']), 'second rung');
  assert.deepEqual(done, ['cold', 'kept', 'second rung']);
  assert.equal(pauses.length, 0);
});

test('reports of one application are taken in in their order, those of another do not wait', async () => {
  const { done, pauses, add, settle } = begin();
  const first = add('web', reportOf('restored'), 'web restored');
  const second = add('web', reportOf('kept'), 'web kept');
  await add('shop', reportOf('cold'), 'shop cold');
  await settle();
  assert.deepEqual(done, ['shop cold']);
  pauses.shift()?.();
  await Promise.all([first, second]);
  assert.deepEqual(done, ['shop cold', 'web restored', 'web kept']);
});

test('restores that follow each other quickly wait for their first answers together', async () => {
  const { done, pauses, add } = begin();
  const added = ['first', 'second', 'third'].map((what) => add('web', reportOf('restored'), what));
  assert.equal(pauses.length, 3);
  for (const pause of pauses) pause();
  await Promise.all(added);
  assert.deepEqual(done, ['first', 'second', 'third']);
});
