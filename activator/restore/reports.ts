// Lets somebody who starts an application, or switches it, wait for the report of that. Holds the waiters, decides nothing.

import type { Kept, Outcome } from './outcome.js';

export interface Reports {
  /** The next report of `name`, or undefined when none arrives within `timeoutMs` after `since` has settled. */
  readonly next: (
    name: string,
    since: Promise<unknown>,
    timeoutMs: number,
  ) => Promise<Outcome | Kept | undefined>;
  readonly arrived: (name: string, report: Outcome | Kept) => void;
}

export function createReports(): Reports {
  const waiters = new Map<string, Set<(report: Outcome | Kept) => void>>();
  return {
    next: (name, since, timeoutMs) =>
      new Promise((resolve, reject) => {
        const own = waiters.get(name) ?? new Set();
        waiters.set(name, own);
        let timer: NodeJS.Timeout | undefined;
        const settle = (report: Outcome | Kept | undefined): void => {
          clearTimeout(timer);
          own.delete(settle);
          resolve(report);
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
    arrived: (name, report) => {
      for (const settle of [...(waiters.get(name) ?? [])]) settle(report);
      waiters.delete(name);
    },
  };
}
