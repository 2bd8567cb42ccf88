// When what a report leaves to do is done. Who connects first waits for an answer, and an activator that reads manifests
// and writes files meanwhile has the processors with it: of a restore, which asks for nothing, the rest comes later.

import { serialQueues } from '../bake/serial-queue.js';
import type { Kept, Outcome } from './outcome.js';

type Report = Outcome | Kept;

/** Longer than the first answer of a restored application takes, shorter than anybody waits for a list to be right. */
const firstAnswerMs = 500;

export interface Intake {
  /** Resolves when `work` has been done. Those of one application are done in the order of their reports. */
  readonly add: (name: string, report: Report, work: () => Promise<void>) => Promise<void>;
  /** Resolves when all that was added before has been done. */
  readonly rest: (name: string) => Promise<void>;
}

export function createIntake(pause: (ms: number) => Promise<unknown>): Intake {
  const queueOf = serialQueues();
  return {
    add: (name, report, work) => {
      const isQuiet = report.how === 'restored' && report.failed.length === 0;
      // Counted from the report, not from the one before: else a hundred quick starts were taken in a minute late.
      const answered = isQuiet ? pause(firstAnswerMs) : Promise.resolve();
      return queueOf(name).add(async () => {
        await answered;
        await work();
      });
    },
    rest: (name) => queueOf(name).add(() => Promise.resolve()),
  };
}
