// Lets somebody who starts an application wait for the report of that start. Holds the waiters, decides nothing.

import type { Outcome } from './outcome.js';

export interface Reports {
  /** The next report of `name`, or undefined when none arrives within `timeoutMs` after `since` has settled. */
  readonly next: (name: string, since: Promise<unknown>, timeoutMs: number) => Promise<Outcome | undefined>;
  readonly arrived: (name: string, outcome: Outcome) => void;
}

export function createReports(): Reports {
  const waiters = new Map<string, Set<(outcome: Outcome) => void>>();
  return {
    next: (name, since, timeoutMs) =>
      new Promise((resolve, reject) => {
        const own = waiters.get(name) ?? new Set();
        waiters.set(name, own);
        let timer: NodeJS.Timeout | undefined;
        const settle = (outcome: Outcome | undefined): void => {
          clearTimeout(timer);
          own.delete(settle);
          resolve(outcome);
        };
        own.add(settle);
        since.then(
          () => {
            timer = setTimeout(settle, timeoutMs, undefined);
          },
          (error: unknown) => {
            own.delete(settle);
            reject(error instanceof Error ? error : new Error(String(error)));
          },
        );
      }),
    arrived: (name, outcome) => {
      for (const settle of [...(waiters.get(name) ?? [])]) settle(outcome);
      waiters.delete(name);
    },
  };
}
