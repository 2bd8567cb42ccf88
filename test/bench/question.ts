/** What the bench can be asked: how it is prepared, what one round of it measures, what is set against what. */
import type { Bed } from '../bed/bed.js';

/** One line of the table. */
export interface Row {
  readonly name: string;
  readonly what: string;
  readonly unit: 'ms' | 'MiB' | 'MB/s' | '1/s' | 'requests/s';
}

/** `row` is the name of one. */
export type Sample =
  | { readonly row: string; readonly value: number }
  /** It cannot do what is measured, in its own words. */
  | { readonly row: string; readonly refusal: string };

/** The median of a row, by its name, or another statistic of it. */
export type Side = string | { readonly row: string; readonly of: 'p90' | 'p99' };

export interface Question {
  readonly name: string;
  readonly title: string;
  /** What a reader must know to read the figures rightly. */
  readonly note?: string;
  readonly rows: readonly Row[];
  /** Pairs of rows: how many times as much the first one takes. */
  readonly ratios: readonly (readonly [more: Side, less: Side])[];
  /** Rows that follow one another, in order: drawn as one bar, too. */
  readonly phases?: readonly string[];
  /** Must not meet the applications of other questions. */
  readonly ownBed?: boolean;
  /** Installs packages in the bed. */
  readonly needsNetwork?: boolean;
  /** Once, before anything is measured. */
  readonly prepare: (bed: Bed) => Promise<void>;
  /** One sample of each row. Leaves the bed as it was, so that the rounds of several questions can take turns. */
  readonly round: (bed: Bed) => Promise<readonly Sample[]>;
}
