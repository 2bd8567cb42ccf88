// Judges the texts that systemd itself splits: ExecStart= and Environment=. They are kept as written; this only finds
// what would not mean, behind the launcher, what it means in a unit of one's own.
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

/** `NAME=VALUE` words. A percent sign may begin a specifier, which systemd expands. */
export function parseEnvironment(text: string): Parsed<string> {
  const words = splitWords(text);
  if (words.kind === 'fault') return words;
  const wrong = words.value.find((word) => !/^[A-Za-z_][A-Za-z0-9_]*=/.test(word.text));
  return wrong === undefined ? value(text) : fault(`takes NAME=VALUE words, which '${wrong.text}' is not`);
}
