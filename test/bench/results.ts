/** What became of a question: every sample, by row, and what is set against what. Pure. */
import type { Question, Row, Sample, Side } from './question.js';
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
  /** By the medians, where the key names no other statistic. */
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
  const valueOf = (side: Side): number => {
    const { row, of } = typeof side === 'string' ? ({ row: side, of: 'median' } as const) : side;
    return results.find((result) => result.name === row)?.summary[of] ?? NaN;
  };
  return {
    name,
    title,
    note,
    results,
    ratios: Object.fromEntries(
      ratios
        .map(([more, less]) => [`${nameOf(more)} / ${nameOf(less)}`, valueOf(more) / valueOf(less)] as const)
        .filter(([, ratio]) => Number.isFinite(ratio)),
    ),
    phases,
  };
}

function nameOf(side: Side): string {
  return typeof side === 'string' ? side : `${side.row} ${side.of}`;
}
