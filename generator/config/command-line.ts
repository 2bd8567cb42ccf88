// Judges the texts that systemd itself splits: ExecStart= and Environment=. They are kept as written; this only finds
// what would not mean, behind the launcher, what it means in a unit of one's own.
import { encodeWords } from './command-words.js';
import { fault, value, type Parsed } from './parsed.js';
import { splitWords } from './unit-words.js';

const prefixes = '@-:+!|';

export function parseCommandLine(text: string): Parsed<string> {
  const first = text.charAt(0);
  if (prefixes.includes(first)) {
    return fault(
      `does not take systemd's prefix '${first}': the launcher starts the application, systemd only the launcher`,
    );
  }
  const words = splitWords(text);
  if (words.kind === 'fault') return words;
  if (words.value.some(({ kind }) => kind === 'separator')) {
    return fault(
      `takes one command, ';' would begin another one; write '\\;' for an argument that is a semicolon`,
    );
  }
  return words.value[0]?.text === '' ? fault(`takes a command, its first word is empty`) : value(text);
}

/** native/bounds.h, in bytes as the launcher gets them. */
const hookCommandMax = 1000;

/**
 * A command that the launcher runs beside the application. systemd never sees it: its variables and specifiers are
 * refused, rather than taken for text.
 */
export function parseHookCommand(text: string): Parsed<readonly string[]> {
  const command = parseCommandLine(text);
  const split = splitWords(text);
  if (command.kind === 'fault') return command;
  if (split.kind === 'fault') return split;
  const words = split.value.map((word) => word.text);
  if (words.some((word) => word.includes('\0'))) return fault('holds a NUL, which no argument may');
  const expanded = words.find((word) => /[$%]/.test(word.replace(/\$\$|%%/g, '')));
  if (expanded !== undefined)
    return fault(`does not expand variables and specifiers; write '$$' and '%%' in '${expanded}'`);
  const plain = words.map((word) => word.replace(/([$%])\1/g, '$1'));
  return Buffer.byteLength(encodeWords(plain)) > hookCommandMax
    ? fault(`takes a command of at most ${hookCommandMax} bytes`)
    : value(plain);
}

/** Printable ASCII stands for itself, any other byte is escaped: in one word, so that blanks are quoted. */
export function parseBytes(text: string): Parsed<Buffer> {
  if (!/^[ -~]*$/.test(text)) return fault('takes ASCII; write any other byte as \\xHH');
  if (/\\[uU]/.test(text.replaceAll('\\\\', '')))
    return fault('takes bytes, and no \\u; write them as \\xHH');
  const words = splitWords(text);
  if (words.kind === 'fault') return words;
  const [word, second] = words.value;
  return word === undefined || second !== undefined
    ? fault(`takes one word; put quotes around what has blanks`)
    : value(Buffer.from(word.text, 'latin1'));
}

/** `NAME=VALUE` words. A percent sign may begin a specifier, which systemd expands. */
export function parseEnvironment(text: string): Parsed<string> {
  const words = splitWords(text);
  if (words.kind === 'fault') return words;
  const wrong = words.value.find((word) => !/^[A-Za-z_][A-Za-z0-9_]*=/.test(word.text));
  return wrong === undefined ? value(text) : fault(`takes NAME=VALUE words, which '${wrong.text}' is not`);
}
