// The wrapper of `ini`: turns the text of one file into assignments with their lines and raw values, as systemd would
// read them. It judges syntax only; which keys exist and what values mean is not known here.
//
// `ini` finds the sections, splits keys from values and gathers repeated keys, but it also coerces `true`, unquotes,
// cuts at `;` and `#`, nests sections at dots and forgets lines. So it is given text in which each value is replaced by
// the number of its line, and each name is escaped, and what it returns is paired with the raw values again.
import { parse } from 'ini';
import type { Diagnostic } from './diagnostic.js';
import { logicalLines, strip, type LogicalLine } from './logical-lines.js';

export interface Assignment {
  readonly file: string;
  readonly line: number;
  readonly section: string;
  readonly key: string;
  /** As written, stripped of surrounding whitespace; '' is systemd's reset. */
  readonly value: string;
}

export interface SectionHeader {
  readonly file: string;
  readonly line: number;
  readonly name: string;
}

export interface IniFile {
  /** Its name in messages. */
  readonly path: string;
  /** The first header of each section, in order. */
  readonly sections: readonly SectionHeader[];
  /** In the order of the file. */
  readonly assignments: readonly Assignment[];
  readonly diagnostics: readonly Diagnostic[];
}

/** `file` is only a name for messages. Never throws: a line that means nothing becomes a diagnostic. */
export function readIni(file: string, text: string): IniFile {
  const lines = logicalLines(text).map((line) => ({ ...line, fault: findFault(line.text) }));
  const sound = lines.filter(({ fault }) => fault === undefined);
  const { assignments, homeless } = readSound(file, sound);
  const syntax = lines.flatMap(({ number, fault }) =>
    fault === undefined ? [] : [syntaxError(file, number, fault)],
  );
  const diagnostics = [...syntax, ...homeless].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return { path: file, sections: findSections(file, sound), assignments, diagnostics };
}

/** Undefined for a section header or an assignment, otherwise what is wrong with the line. */
function findFault(text: string): string | undefined {
  if (/[^\P{Cc}\t]/u.test(text)) return 'A control character stands in this line.';
  if (text.startsWith('[')) {
    return /^\[[^[\]]+\]$/.test(text) ? undefined : `Invalid section header '${text}'.`;
  }
  const separator = text.indexOf('=');
  if (separator === -1) return `Missing '=' in '${text}'.`;
  return separator === 0 ? `Missing a key before '='.` : undefined;
}

function syntaxError(file: string, line: number, message: string): Diagnostic {
  return { file, line, severity: 'error', code: 'syntax', message };
}

function findSections(file: string, lines: readonly LogicalLine[]): readonly SectionHeader[] {
  const headers = lines.filter(({ text }) => text.startsWith('['));
  return headers
    .map(({ number, text }) => ({ file, line: number, name: text.slice(1, -1) }))
    .filter(({ name }, index, all) => all.findIndex((other) => other.name === name) === index);
}

/** The section that owns what stands before the first header; '[' cannot occur in a real name. */
const NO_SECTION = '[';

function readSound(
  file: string,
  lines: readonly LogicalLine[],
): { assignments: readonly Assignment[]; homeless: readonly Diagnostic[] } {
  const values = new Map<number, string>();
  const inert = [`[${escapeName(NO_SECTION)}]`];
  for (const { number, text } of lines) {
    if (text.startsWith('[')) {
      inert.push(`[${escapeName(text.slice(1, -1))}]`);
      continue;
    }
    const separator = text.indexOf('=');
    inert.push(`${escapeName(strip(text.slice(0, separator)))}=${number}`);
    values.set(number, strip(text.slice(separator + 1)));
  }
  const all = structureOf(inert.join('\n'))
    .map((found) => ({ ...found, file, value: values.get(found.line) ?? '' }))
    .sort((a, b) => a.line - b.line);
  return {
    assignments: all.filter(({ section }) => section !== NO_SECTION),
    homeless: all
      .filter(({ section }) => section === NO_SECTION)
      .map(({ line, key }) => syntaxError(file, line, `'${key}=' stands outside of any section.`)),
  };
}

interface Place {
  readonly section: string;
  readonly key: string;
  readonly line: number;
}

/** `bracketedArray: false` makes a repeated key a list; a key that another section had before is a list of one. */
function structureOf(inert: string): readonly Place[] {
  const places: Place[] = [];
  for (const [section, keys] of entriesOf(parse(inert, { bracketedArray: false }))) {
    for (const [key, value] of entriesOf(keys)) {
      const lines: readonly unknown[] = Array.isArray(value) ? value : [value];
      for (const line of lines) {
        places.push({ section: unescapeName(section), key: unescapeName(key), line: Number(line) });
      }
    }
  }
  return places;
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/**
 * No name may mean anything to `ini` (dots, quotes, `[]`) or be one of Object.prototype's (`constructor` loses its
 * repeats, `__proto__` is dropped): hence the dash in front and no character but letters, digits and '%'.
 */
function escapeName(name: string): string {
  return `-${name.replace(/[^A-Za-z0-9]/gu, (character) => encodeURIComponent(character).replace(/^[^%]$/, hexOf))}`;
}

/** encodeURIComponent leaves `-_.!~*'()` as they are. */
function hexOf(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function unescapeName(name: string): string {
  return decodeURIComponent(name.slice(1));
}
