/** What the bench can be asked: how it is prepared, what one round of it measures, what is set against what. */
import type { Bed } from '../bed/bed.js';

/** One line of the table. */
export interface Row {
  readonly name: string;
  readonly what: string;
  readonly unit: 'ms' | 'MiB';
}

export interface Sample {
  /** The name of a row. */
  readonly row: string;
  readonly value: number;
}

export interface Question {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
  /** Pairs of rows: how many times as much the first one takes. */
  readonly ratios: readonly (readonly [more: string, less: string])[];
  /** Once, before anything is measured. */
  readonly prepare: (bed: Bed) => Promise<void>;
  /** One sample of each row. Leaves the bed as it was, so that the rounds of several questions can take turns. */
  readonly round: (bed: Bed) => Promise<readonly Sample[]>;
}
