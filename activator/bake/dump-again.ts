// A dump that is refused for a stray process is asked for again: what a process leaves behind when it ends may be about to
// end, too, and be gone a moment later. A daemon is not.

import { setTimeout as sleep } from 'node:timers/promises';
import { GrenadineError } from '../../generator/config/error.js';

const attempts = 6;
const pauseMs = 100;

/** What `dump` answers, or rejects with at its last attempt. */
export async function dumpAgain<Answer>(
  dump: () => Promise<Answer>,
  pause: (ms: number) => Promise<unknown> = sleep,
): Promise<Answer> {
  for (let left = attempts - 1; ; left -= 1) {
    try {
      return await dump();
    } catch (error) {
      const isStray = error instanceof GrenadineError && error.code === 'stray-process';
      if (!isStray || left === 0) throw error;
    }
    await pause(pauseMs);
  }
}
