// Which snapshots go when there are too many, or too much of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planRemovals, type Removable } from '../../activator/store/plan-removals.js';

const one = (name: string, createdUs: number, change: Partial<Removable> = {}): Removable => ({
  ...{ name, id: `${name}${createdUs}`, bytes: 10, createdUs, isInUse: false, isSpent: false },
  ...change,
});
const idsOf = (removables: readonly Removable[]): readonly string[] => removables.map(({ id }) => id);
const keep = (count: number) => (): number => count;

test('the newest of each application are kept, the oldest go first', () => {
  const all = [one('a', 1), one('a', 2), one('a', 3), one('b', 1)];
  assert.deepEqual(idsOf(planRemovals(all, { keepOf: keep(1), limitBytes: undefined })), ['a1', 'a2']);
});

test('what is in use stays, and counts', () => {
  const all = [one('a', 1, { isInUse: true }), one('a', 2), one('a', 3)];
  assert.deepEqual(idsOf(planRemovals(all, { keepOf: keep(1), limitBytes: undefined })), ['a2']);
  assert.deepEqual(idsOf(planRemovals(all, { keepOf: keep(3), limitBytes: 5 })), ['a2', 'a3']);
});

test('what is used up goes, however few there are, unless it is in use', () => {
  const all = [one('a', 1, { isSpent: true, isInUse: true }), one('a', 2, { isSpent: true }), one('a', 3)];
  assert.deepEqual(idsOf(planRemovals(all, { keepOf: keep(9), limitBytes: undefined })), ['a2']);
});

test('a limit takes the oldest of all applications, and no more than it must', () => {
  const all = [one('a', 1), one('b', 2), one('a', 3), one('b', 4)];
  assert.deepEqual(idsOf(planRemovals(all, { keepOf: keep(9), limitBytes: 25 })), ['a1', 'b2']);
  assert.deepEqual(idsOf(planRemovals(all, { keepOf: keep(9), limitBytes: 40 })), []);
});

test('whatever there is: nothing in use goes, and what stays fits or is in use', () => {
  const removable = fc.record({
    name: fc.constantFrom('a', 'b'),
    id: fc.uuid(),
    bytes: fc.nat(100),
    createdUs: fc.nat(1000),
    isInUse: fc.boolean(),
    isSpent: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(removable),
      fc.nat(5),
      fc.option(fc.nat(300), { nil: undefined }),
      (all, count, limitBytes) => {
        const leaving = planRemovals(all, { keepOf: keep(count), limitBytes });
        assert.ok(leaving.every(({ isInUse }) => !isInUse));
        const staying = all.filter((candidate) => !leaving.includes(candidate));
        const bytes = staying.reduce((sum, candidate) => sum + candidate.bytes, 0);
        assert.ok(limitBytes === undefined || bytes <= limitBytes || staying.every(({ isInUse }) => isInUse));
      },
    ),
  );
});
