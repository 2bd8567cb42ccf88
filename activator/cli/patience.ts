// Waits for an answer that has no time of its own, such as that of a bake that waits for other bakes, as long as whom it is
// awaited from answers something at all.

import { setTimeout as sleep } from 'node:timers/promises';
import { GrenadineError } from '../../generator/config/error.js';

export interface Patience {
  /** How long is waited before something small is asked, and again before each further question. */
  readonly askAfterMs: number;
  /** How long the answer to that may take. */
  readonly answerWithinMs: number;
}

/**
 * Settles as `answer` does; rejects with `bus-timeout` once neither that nor an answer to `ask` has come in time. To refuse
 * is an answer, too.
 */
export async function waitPatiently<T>(
  answer: Promise<T>,
  ask: () => Promise<unknown>,
  { askAfterMs, answerWithinMs }: Patience,
): Promise<T> {
  const isOver = new AbortController();
  const settled = ended(answer, 'settled' as const);
  const pause = (ms: number): Promise<'silent'> => sleep(ms, 'silent' as const, { signal: isOver.signal });
  try {
    while ((await Promise.race([settled, pause(askAfterMs)])) !== 'settled') {
      const heard = await Promise.race([settled, ended(ask(), 'alive' as const), pause(answerWithinMs)]);
      if (heard === 'silent')
        throw new GrenadineError(
          'bus-timeout',
          `No reply to anything within ${(askAfterMs + answerWithinMs) / 1000} s.`,
        );
    }
    return await answer;
  } finally {
    isOver.abort();
  }
}

async function ended<Name>(promise: Promise<unknown>, name: Name): Promise<Name> {
  await promise.catch(() => undefined);
  return name;
}
