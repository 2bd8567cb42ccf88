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

/** A queue for each name: jobs of one name wait for each other, and for no other's. */
export function serialQueues(): (name: string) => SerialQueue {
  const queues = new Map<string, SerialQueue>();
  return (name) => {
    const queue = queues.get(name) ?? serialQueue();
    queues.set(name, queue);
    return queue;
  };
}
