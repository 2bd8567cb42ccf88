/** What became of a question: every sample, by row, and what is set against what. Pure. */
import type { Question, Row, Sample } from './question.js';
import { summarize, type Summary } from './statistics.js';

export interface Result extends Row {
  /** What it said when it could not: each time, when there are no samples. */
  readonly refusal?: string;
  readonly samples: readonly number[];
  readonly summary: Summary;
}

export interface Answer {
  readonly name: string;
  readonly title: string;
  readonly note: string;
  readonly results: readonly Result[];
  /** By the medians. */
  readonly ratios: Readonly<Record<string, number>>;
  readonly phases: readonly string[];
}

export function answerQuestion(
  { name, title, note = '', rows, ratios, phases = [] }: Question,
  samples: readonly Sample[],
): Answer {
  const results = rows.map((row): Result => {
    const mine = samples.filter((sample) => sample.row === row.name);
    const values = mine.flatMap((sample) => ('value' in sample ? [sample.value] : []));
    const refusal = mine.flatMap((sample) => ('refusal' in sample ? [sample.refusal] : []))[0];
    const result = { ...row, samples: values, summary: summarize(values) };
    return refusal === undefined ? result : { ...result, refusal };
  });
  const median = (row: string): number =>
    results.find((result) => result.name === row)?.summary.median ?? NaN;
  return {
    name,
    title,
    note,
    results,
    ratios: Object.fromEntries(
      ratios
        .map(([more, less]) => [`${more} / ${less}`, median(more) / median(less)] as const)
        .filter(([, ratio]) => Number.isFinite(ratio)),
    ),
    phases,
  };
}
