// `[APP]` of dump, restore and kill: left out, it is the one application that there is.

import { text, type Client } from './client.js';
import { usageError } from './usage.js';

export interface Operands {
  readonly name: string;
  /** What followed APP, or stood alone. */
  readonly rest: string | undefined;
}

/** The first operand is APP if an application has that name, or if a second one follows. */
export async function applicationOperand(
  client: Client,
  command: string,
  [first, second]: readonly string[],
): Promise<Operands> {
  if (first !== undefined && second !== undefined) return { name: first, rest: second };
  const names = (await client.rows('List', [])).map((row) => text(row, 'name'));
  if (first !== undefined && names.includes(first)) return { name: first, rest: undefined };
  const [only] = names;
  if (only !== undefined && names.length === 1 && !looksLikeName(command, first))
    return { name: only, rest: first };
  if (first !== undefined) return { name: first, rest: undefined };
  throw usageError(
    names.length === 0
      ? `there is no application to ${command}`
      : `'${command}' needs the name of an application: ${names.join(', ')}`,
  );
}

/** `dump web` with a typing mistake in `web` must not dump the only other application. */
function looksLikeName(command: string, word: string | undefined): boolean {
  if (word === undefined) return false;
  return command === 'restore'
    ? !/^\d+$/.test(word)
    : command === 'kill'
      ? !/^(\d+|[A-Z]+)$/.test(word)
      : true;
}
