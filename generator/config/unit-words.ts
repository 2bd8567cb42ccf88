// Splits a text into words as systemd does for ExecStart= and Environment= (systemd.service(5), "COMMAND LINES";
// extract_first_word() with unquoting and C unescaping). Specifiers and variables are left as they stand.
import { fault, value, type Parsed } from './parsed.js';

export interface UnitWord {
  /** A separator is a `;` that stands alone and unquoted: it begins a second command. */
  readonly kind: 'word' | 'separator';
  readonly text: string;
}

export function splitWords(text: string): Parsed<readonly UnitWord[]> {
  const words: UnitWord[] = [];
  let at = skipBlank(text, 0);
  while (at < text.length) {
    const lone = /^\\?;(?=[ \t]|$)/.exec(text.slice(at))?.[0];
    if (lone !== undefined) {
      words.push(lone === ';' ? { kind: 'separator', text: ';' } : { kind: 'word', text: ';' });
      at += lone.length;
    } else {
      const word = readWord(text, at);
      if (word.kind === 'fault') return word;
      words.push({ kind: 'word', text: word.value.text });
      at = word.value.end;
    }
    at = skipBlank(text, at);
  }
  return value(words);
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  return at;
}

function readWord(text: string, from: number): Parsed<{ readonly text: string; readonly end: number }> {
  let word = '';
  let quote = '';
  let at = from;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '\\') {
      const escape = readEscape(text.slice(at));
      if (escape === undefined) return fault(`ends in a backslash that escapes nothing`);
      word += escape.text;
      at += escape.length;
      continue;
    }
    if (quote === '' && (character === ' ' || character === '\t')) break;
    if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = '';
    else word += character;
    at += 1;
  }
  return quote === '' ? value({ text: word, end: at }) : fault(`has a quote ${quote} that is not closed`);
}

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['s', ' '],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
]);

/** `text` begins with a backslash. An unknown escape keeps its backslash, as systemd does after a warning. */
function readEscape(text: string): { readonly text: string; readonly length: number } | undefined {
  const next = text.charAt(1);
  if (next === '') return undefined;
  const simple = simpleEscapes.get(next);
  if (simple !== undefined) return { text: simple, length: 2 };
  const coded = /^\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-3][0-7]{2}))/i.exec(text);
  if (coded === null) return { text: `\\${next}`, length: 2 };
  const [whole, byte, short, long, octal] = coded;
  const point =
    octal === undefined ? Number.parseInt(byte ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8);
  return { text: point <= 0x10ffff ? String.fromCodePoint(point) : '\uFFFD', length: whole.length };
}
