// Reads file system paths. Text only: nothing is looked up.
import { fault, value, type Parsed } from './parsed.js';

/** Absolute, without `.` and `..`, without a slash at its end. `%` is refused: these paths are read by Grenadine too. */
export function parseAbsolutePath(text: string): Parsed<string> {
  if (!text.startsWith('/')) return fault(`takes an absolute path, not '${text}'`);
  if (text.includes('%')) return fault(`does not expand specifiers, '%' cannot be used`);
  if (/\/\.{1,2}(\/|$)/.test(text)) return fault(`takes a path without '.' and '..', not '${text}'`);
  return value(text.replace(/\/+/g, '/').replace(/(.)\/$/, '$1'));
}

/** `~` is the home directory of the user that the application runs as. */
export function parseWorkingDirectory(text: string): Parsed<string> {
  if (text === '~') return value(text);
  if (text.startsWith('/')) return parseAbsolutePath(text);
  return fault(`takes an absolute path or '~', not '${text}'`);
}

/** Absolute as above, or relative to what `Path=` leads to: `tmp/restart.txt`. */
export function parseTrigger(text: string): Parsed<string> {
  if (text.startsWith('/')) return parseAbsolutePath(text);
  const parsed = parseAbsolutePath(`/${text}`);
  return text === '' || parsed.kind === 'fault'
    ? fault(`takes a path, absolute or below Path=, without '.', '..' and '%', not '${text}'`)
    : value(parsed.value.slice(1));
}

/** Kept as written, for systemd expands it: an absolute path or a specifier, perhaps after a `-`. */
export function parseEnvironmentFile(text: string): Parsed<string> {
  return /^-?[/%]/.test(text)
    ? value(text)
    : fault(`takes an absolute path, perhaps after '-', not '${text}'`);
}
