// What systemd hears from us, written by a program of ours that lives as long as we do: entries with fields for the journal,
// and signs of life. journald knows whose an entry is by the process that wrote it, which must still be there when it looks.

import type { Tell } from './log.js';
import { startWriter } from './run-command.js';

const program = '/usr/lib/grenadine/grenadine-journal';

export interface Journal {
  readonly tell: Tell;
  /** For the watchdog. */
  readonly live: () => void;
}

/** `stream` is $JOURNAL_STREAM: without the journal there is nobody to tell. */
export function openJournal(stream: string | undefined, isWatched: boolean): Journal {
  if (stream === undefined && !isWatched) return { tell: () => false, live: () => undefined };
  const write = startWriter([program]);
  return {
    tell: (fields) =>
      stream !== undefined && write(`${fields.map(([field, value]) => `${field}=${value}\n`).join('')}\n`),
    live: () => void write('WATCHDOG=1\n\n'),
  };
}
