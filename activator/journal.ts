// Entries with fields for the journal, written by a program of ours that lives as long as we do: journald knows whose an
// entry is by the process that wrote it, which must still be there when it looks.

import type { Tell } from './log.js';
import { startWriter } from './run-command.js';

const program = '/usr/lib/grenadine/grenadine-journal';

/** `stream` is $JOURNAL_STREAM: without the journal there is nobody to tell. */
export function openJournal(stream: string | undefined): Tell {
  if (stream === undefined) return () => false;
  const write = startWriter([program]);
  return (fields) => write(`${fields.map(([field, value]) => `${field}=${value}\n`).join('')}\n`);
}
