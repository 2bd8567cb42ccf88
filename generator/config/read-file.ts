// Reads one configuration file from the disk into assignments. A file that cannot be read becomes a diagnostic.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { IniFile } from './ini-file.js';
import { readIni } from './ini-file.js';

/** More than anybody writes by hand, and little enough to read at boot. */
const LARGEST_BYTES = 1024 * 1024;

/** `path` is the path inside of `root`, and the one in messages. Never throws. */
export function readConfigurationFile(root: string, path: string): IniFile {
  try {
    return readIni(path, decode(readRegularFile(root + path)));
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/, (open|read) '.*'$/, '') : String(error);
    const message = `Cannot be read: ${why}.`;
    const diagnostic = {
      file: path,
      line: undefined,
      severity: 'error',
      code: 'unreadable',
      message,
    } as const;
    return { path, sections: [], assignments: [], diagnostics: [diagnostic] };
  }
}

/** O_NONBLOCK: opening a FIFO must not hold up the boot. */
function readRegularFile(path: string): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const status = fstatSync(fd);
    if (!status.isFile()) throw new Error('not a regular file');
    if (status.size > LARGEST_BYTES) throw new Error(`larger than ${LARGEST_BYTES} bytes`);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error('not UTF-8', { cause });
  }
}
