/** Lays results out as a table of a terminal, numbers to the right. Pure. */
import type { Result } from './results.js';

const headings = ['', 'n', 'min', 'median', 'p90', 'p99', 'max', ''];

/** Below the table, what those said that could not: a sentence would make it wider than a terminal. */
export function renderResults(results: readonly Result[]): string {
  const said = results.flatMap(({ what, refusal }) =>
    refusal === undefined ? [] : [`${what} said: ${refusal}\n`],
  );
  return `${renderTable([headings, ...results.map(rowOf)])}${said.join('')}`;
}

/** A ratio near 1 is told from 1 by its second decimal. */
export function renderRatios(ratios: Readonly<Record<string, number>>): string {
  return Object.entries(ratios)
    .map(([name, ratio]) => `${name} = ${ratio.toFixed(ratio < 10 ? 2 : 1)}\n`)
    .join('');
}

function rowOf({ what, unit, summary }: Result): readonly string[] {
  if (summary.count === 0) return [what, '0', ...headings.slice(2, -1).map(() => '-'), ''];
  const { count, minimum, median, p90, p99, maximum } = summary;
  return [what, `${count}`, ...[minimum, median, p90, p99, maximum].map((value) => value.toFixed(1)), unit];
}

function renderTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === row.length - 1
          ? cell.padEnd(widths[column] ?? 0)
          : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
