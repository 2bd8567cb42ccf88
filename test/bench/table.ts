/** Lays results out as a table of a terminal, numbers to the right. Pure. */
import type { Result } from './results.js';

const headings = ['', 'n', 'min', 'lower quartile', 'median', 'upper quartile', 'max', ''];

export function renderResults(results: readonly Result[]): string {
  return renderTable([headings, ...results.map(rowOf)]);
}

function rowOf({ what, unit, summary, refusal }: Result): readonly string[] {
  const said = refusal === undefined ? '' : `said: ${refusal}`;
  if (summary.count === 0) return [what, '0', ...headings.slice(2, -1).map(() => '-'), said];
  const { count, minimum, lowerQuartile, median, upperQuartile, maximum } = summary;
  const values = [minimum, lowerQuartile, median, upperQuartile, maximum];
  return [what, `${count}`, ...values.map((value) => value.toFixed(1)), `${unit} ${said}`.trim()];
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
