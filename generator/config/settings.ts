// Puts the assignments of a main file and its drop-ins together against a key table: what is unknown, what was reset,
// which value holds. Says nothing about what the values are for.
import type { Diagnostic } from './diagnostic.js';
import { GrenadineError } from './error.js';
import type { Assignment, IniFile, SectionHeader } from './ini-file.js';
import type { Key } from './keys.js';
import type { Parser } from './parsed.js';
import { nearestWord } from './suggest.js';

/** `K` is the union of `Section.Name` that the table has. */
export interface Settings<K extends string> {
  /** The value that holds; undefined where neither a file nor the table's default gives one, or it is faulty. */
  readonly optional: <T>(key: K, parse: Parser<T>) => T | undefined;
  /** The value that holds, or the table's default, also where the value is faulty. */
  readonly withDefault: <T>(key: K, parse: Parser<T>) => T;
  /** Every good value of a repeated key since its last reset. */
  readonly list: <T>(key: K, parse: Parser<T>) => readonly T[];
  /** The assignments of a key since its last reset, for rules of its own. */
  readonly assignments: (key: K) => readonly Assignment[];
  /** What was found wrong until now, and `more` of the caller's, in the order of files and lines. */
  readonly diagnostics: (more?: readonly Diagnostic[]) => readonly Diagnostic[];
}

/** `files` in the order in which they are applied, the main file first. */
export function openSettings<K extends string>(
  table: readonly Key[],
  files: readonly IniFile[],
): Settings<K> {
  const assignments = files.flatMap((file) => file.assignments);
  const held = holdByKey(assignments);
  const found: Diagnostic[] = [
    ...files.flatMap((file) => file.diagnostics),
    ...files.flatMap((file) => file.sections).flatMap((header) => judgeSection(table, header)),
    ...assignments.flatMap((assignment) => judgeKey(table, assignment)),
  ];

  const parseOne = <T>(assignment: Assignment, parse: Parser<T>): readonly T[] => {
    const parsed = parse(assignment.value);
    if (parsed.kind === 'value') return [parsed.value];
    found.push(badValue(assignment, `${assignment.key}= ${parsed.why}.`));
    return [];
  };
  const optional = <T>(key: K, parse: Parser<T>): T | undefined => {
    const last = held.get(key)?.at(-1);
    return last === undefined ? undefined : parseOne(last, parse)[0];
  };
  return {
    optional,
    withDefault: (key, parse) => optional(key, parse) ?? defaultOf(table, key, parse),
    list: (key, parse) => (held.get(key) ?? []).flatMap((assignment) => parseOne(assignment, parse)),
    assignments: (key) => held.get(key) ?? [],
    diagnostics: (more = []) => inOrder(files, [...found, ...more]),
  };
}

/** What a value holds once \x01 in it has been read is not shown as it is. */
export function badValue({ file, line }: Assignment, message: string): Diagnostic {
  const shown = message.replace(/[^\P{Cc}\t]/gu, '?');
  return { file, line, severity: 'error', code: 'bad-value', message: shown };
}

/** An empty value takes back everything before it, as in systemd's own lists. */
function holdByKey(assignments: readonly Assignment[]): ReadonlyMap<string, readonly Assignment[]> {
  const held = new Map<string, readonly Assignment[]>();
  for (const assignment of assignments) {
    const key = `${assignment.section}.${assignment.key}`;
    held.set(key, assignment.value === '' ? [] : [...(held.get(key) ?? []), assignment]);
  }
  return held;
}

function defaultOf<T>(table: readonly Key[], wanted: string, parse: Parser<T>): T {
  const text = table.find(({ section, name }) => `${section}.${name}` === wanted)?.default;
  const parsed = text === undefined ? undefined : parse(text);
  if (parsed?.kind !== 'value') throw new GrenadineError('bad-default', `${wanted} has no usable default.`);
  return parsed.value;
}

/** As in systemd, what begins with `X-` is for other programs. */
function isForOthers(name: string): boolean {
  return name.startsWith('X-');
}

function judgeSection(table: readonly Key[], { file, line, name }: SectionHeader): readonly Diagnostic[] {
  const known = [...new Set(table.map(({ section }) => section))];
  if (known.includes(name) || isForOthers(name)) return [];
  const message = `Unknown section [${name}], ignoring.${hintForSection(name, known)}`;
  return [{ file, line, severity: 'warning', code: 'unknown-section', message }];
}

function hintForSection(name: string, known: readonly string[]): string {
  if (/^(Unit|Service|Socket|Install)$/.test(name)) return ` Use systemctl edit for systemd's own settings.`;
  const near = nearestWord(name, known);
  return near === undefined ? '' : ` Did you mean [${near}]?`;
}

/** A key of an unknown section says nothing: its section was named already. */
function judgeKey(table: readonly Key[], { file, line, section, key }: Assignment): readonly Diagnostic[] {
  const siblings = table.filter((known) => known.section === section).map(({ name }) => name);
  if (siblings.length === 0 || siblings.includes(key) || isForOthers(key)) return [];
  const message = `Unknown key '${key}=' in section [${section}], ignoring.${hintForKey(table, siblings, key)}`;
  return [{ file, line, severity: 'warning', code: 'unknown-key', message }];
}

function hintForKey(table: readonly Key[], siblings: readonly string[], key: string): string {
  const elsewhere = table.find(({ name }) => name === key);
  if (elsewhere !== undefined) return ` It belongs in [${elsewhere.section}].`;
  const near = nearestWord(key, siblings);
  return near === undefined ? '' : ` Did you mean '${near}='?`;
}

function inOrder(files: readonly IniFile[], found: readonly Diagnostic[]): readonly Diagnostic[] {
  const order = files.flatMap(({ path }) => [path]);
  return [...found].sort(
    (a, b) => order.indexOf(a.file) - order.indexOf(b.file) || (a.line ?? 0) - (b.line ?? 0),
  );
}
