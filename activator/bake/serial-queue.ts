// Runs jobs one after the other: two bakes at once would take both cores from what serves.

export interface SerialQueue {
  /** Runs `job` after all that were added before it; answers its result. A failed job does not stop the queue. */
  readonly add: <T>(job: () => Promise<T>) => Promise<T>;
}

export function serialQueue(): SerialQueue {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    add: (job) => {
      const result = tail.then(job, job);
      tail = result.catch(() => undefined);
      return result;
    },
  };
}
