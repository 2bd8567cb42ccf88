// Cuts the text of a configuration file into logical lines by the rules of systemd.syntax(7): comments, continuation,
// numbers. Knows nothing of sections and keys.

export interface LogicalLine {
  /** Number of its first physical line, from 1. */
  readonly number: number;
  /** Joined, stripped, never empty. */
  readonly text: string;
}

/** systemd's whitespace, which is less than JavaScript's: a no-break space is a character like any other. */
export function strip(text: string): string {
  return text.replace(/^[ \t\n\r]+/, '').replace(/[ \t\n\r]+$/, '');
}

/** A comment line in the middle of a continued value is skipped, it does not end the value. */
export function logicalLines(text: string): readonly LogicalLine[] {
  const lines: LogicalLine[] = [];
  let pending: LogicalLine | undefined;
  for (const [index, physical] of splitPhysicalLines(text).entries()) {
    const start = physical.replace(/^[ \t]+/, '');
    if (start.startsWith('#') || start.startsWith(';')) continue;
    const joined = { number: pending?.number ?? index + 1, text: (pending?.text ?? '') + start };
    if (endsInContinuation(joined.text)) {
      pending = { number: joined.number, text: `${joined.text.slice(0, -1)} ` };
    } else {
      lines.push(joined);
      pending = undefined;
    }
  }
  if (pending !== undefined) lines.push(pending);
  return lines.map(({ number, text }) => ({ number, text: strip(text) })).filter(({ text }) => text !== '');
}

/** A carriage return ends a line too, and the pair of both, in either order, ends one line. */
function splitPhysicalLines(text: string): readonly string[] {
  return text.replace(/^\uFEFF/, '').split(/\r\n|\n\r|\r|\n/);
}

/** An odd number of backslashes: an even one is escaped backslashes. */
function endsInContinuation(text: string): boolean {
  const backslashes = /\\+$/.exec(text)?.[0].length ?? 0;
  return backslashes % 2 === 1;
}
