// How long the command waits for what has no time of its own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitPatiently } from '../../activator/cli/patience.js';
import { GrenadineError } from '../../generator/config/error.js';

const short = { askAfterMs: 1, answerWithinMs: 1 };
const never = new Promise<never>(() => undefined);

/** Answers questions by `reply` until `times` were asked; then the answer is there. */
function answeredAfter(times: number, reply: () => Promise<unknown>) {
  let asked = 0;
  let give: (value: string) => void = () => undefined;
  const answer = new Promise<string>((resolve) => {
    give = resolve;
  });
  const ask = (): Promise<unknown> => {
    asked += 1;
    if (asked === times) give('done');
    return reply();
  };
  return { answer, ask };
}

test('who answers questions is waited for, however long it takes', async () => {
  const { answer, ask } = answeredAfter(20, () => Promise.resolve([]));
  assert.equal(await waitPatiently(answer, ask, { askAfterMs: 1, answerWithinMs: 60_000 }), 'done');
});

test('to refuse is an answer, too', async () => {
  const { answer, ask } = answeredAfter(3, () => Promise.reject(new GrenadineError('access-denied', '')));
  assert.equal(await waitPatiently(answer, ask, { askAfterMs: 1, answerWithinMs: 60_000 }), 'done');
});

test('who answers nothing is waited for no longer', async () => {
  await assert.rejects(
    waitPatiently(never, () => never, short),
    { code: 'bus-timeout' },
  );
});

test('who was alive once and is silent later is waited for no longer', async () => {
  let asked = 0;
  const ask = (): Promise<unknown> => ((asked += 1) < 3 ? Promise.resolve() : never);
  await assert.rejects(waitPatiently(never, ask, short), { code: 'bus-timeout' });
  assert.equal(asked, 3);
});

test('an answer that is there before that of a question is taken', async () => {
  const { answer, ask } = answeredAfter(1, () => never);
  assert.equal(await waitPatiently(answer, ask, { askAfterMs: 1, answerWithinMs: 60_000 }), 'done');
});

test('what was asked for fails with its own error, and nothing is asked', async () => {
  const refused = Promise.reject<string>(new GrenadineError('no-such-application', ''));
  const ask = (): Promise<unknown> => assert.fail('asked');
  await assert.rejects(waitPatiently(refused, ask, { askAfterMs: 60_000, answerWithinMs: 60_000 }), {
    code: 'no-such-application',
  });
});
