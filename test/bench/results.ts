/** What became of a question: every sample, by row, and what is set against what. Pure. */
import type { Question, Row, Sample } from './question.js';
import { summarize, type Summary } from './statistics.js';

export interface Result extends Row {
  readonly samples: readonly number[];
  readonly summary: Summary;
}

export interface Answer {
  readonly name: string;
  readonly title: string;
  readonly results: readonly Result[];
  /** By the medians. */
  readonly ratios: Readonly<Record<string, number>>;
}

export function answerQuestion({ name, title, rows, ratios }: Question, samples: readonly Sample[]): Answer {
  const results = rows.map((row): Result => {
    const values = samples.filter((sample) => sample.row === row.name).map(({ value }) => value);
    return { ...row, samples: values, summary: summarize(values) };
  });
  const median = (row: string): number =>
    results.find((result) => result.name === row)?.summary.median ?? NaN;
  return {
    name,
    title,
    results,
    ratios: Object.fromEntries(
      ratios.map(([more, less]) => [`${more} / ${less}`, median(more) / median(less)] as const),
    ),
  };
}
