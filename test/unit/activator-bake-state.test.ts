// The bake's state machine and its queue.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bakePhase, mayBake, nextBake, type BakeState } from '../../activator/bake/bake-state.js';
import { serialQueue } from '../../activator/bake/serial-queue.js';

const failed = (attempts: number): BakeState =>
  nextBake(
    { kind: 'idle' },
    { kind: 'failed', code: 'not-ready', message: 'no answer', nowMs: 1000, attempts },
  );

test('a failed bake is not tried again by itself before its pause is over', () => {
  assert.equal(mayBake(failed(1), 1000 + 59_000), false);
  assert.equal(mayBake(failed(1), 1000 + 60_000), true);
});

test('the pause doubles with every failure and ends at an hour', () => {
  const retryAtMs = (state: BakeState) => (state.kind === 'failed' ? state.retryAtMs : 0);
  assert.equal(retryAtMs(failed(2)), 1000 + 120_000);
  assert.equal(retryAtMs(failed(7)), 1000 + 3_600_000);
});

test('after eight failures it is not tried again by itself, until something changes', () => {
  assert.equal(mayBake(failed(8), Number.MAX_SAFE_INTEGER), false);
  assert.equal(mayBake(nextBake(failed(8), { kind: 'changed' }), 1000), true);
});

test('a step that tells of itself after the bake has ended does not have it run again', () => {
  const told = { kind: 'progress', phase: 'warming', detail: '2/20' } as const;
  assert.equal(nextBake(failed(1), told).kind, 'failed');
  assert.equal(nextBake({ kind: 'idle' }, told).kind, 'idle');
  assert.equal(nextBake({ kind: 'queued' }, told).kind, 'running');
});

test('a bake that was superseded has not failed', () => {
  const running: BakeState = { kind: 'running', phase: 'proving', detail: '' };
  assert.deepEqual(nextBake(running, { kind: 'superseded' }), { kind: 'idle' });
});

test('a changed configuration forgives a failed bake and leaves a running one alone', () => {
  assert.deepEqual(nextBake(failed(3), { kind: 'changed' }), { kind: 'idle' });
  const running: BakeState = { kind: 'running', phase: 'dumping', detail: '' };
  assert.equal(nextBake(running, { kind: 'changed' }), running);
});

test('an application is not baked twice at the same time', () => {
  assert.equal(mayBake({ kind: 'queued' }, 0), false);
  assert.equal(mayBake({ kind: 'running', phase: 'booting', detail: '' }, 0), false);
});

test('the phase is shown with its detail, a failure is none', () => {
  assert.equal(bakePhase({ kind: 'running', phase: 'warming', detail: '12/20' }), 'warming 12/20');
  assert.equal(bakePhase(failed(1)), '');
});

test('the queue runs one job at a time, in order, and goes on after a failure', async () => {
  const queue = serialQueue();
  const seen: string[] = [];
  const job = (name: string, fails: boolean) => async (): Promise<string> => {
    seen.push(`${name} begins`);
    await Promise.resolve();
    seen.push(`${name} ends`);
    if (fails) throw new Error(name);
    return name;
  };
  const first = queue.add(job('one', true));
  const second = queue.add(job('two', false));
  await assert.rejects(first, /one/);
  assert.equal(await second, 'two');
  assert.deepEqual(seen, ['one begins', 'one ends', 'two begins', 'two ends']);
});
