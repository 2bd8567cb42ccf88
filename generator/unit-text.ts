// Writes whole settings of ours into units. Pure. What an operator wrote for systemd is not for this: it goes into a unit
// as it stands.
import { GrenadineError } from './config/error.js';
import { escapeSpecifiers } from './config/quote.js';

/** `Key=text` for a key whose value systemd takes whole, expanding specifiers only. */
export function literalSetting(key: string, text: string): string {
  // A trailing backslash would draw in the next line, a newline would begin one.
  const isOneLine = !/[^\P{Cc}\t]/u.test(text) && (/\\+$/.exec(text)?.[0].length ?? 0) % 2 === 0;
  if (!isOneLine) throw new GrenadineError('unit-text', `${key}= cannot hold ${JSON.stringify(text)}.`);
  return `${key}=${escapeSpecifiers(text)}`;
}
