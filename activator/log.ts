// The daemon's log. What programs may want to find again goes into the journal as an entry with fields, by way of
// grenadine-journal; all else, and everything where there is no journal, as lines on stderr with systemd's level prefixes
// (sd-daemon(3)). Library code throws, it does not log.

import { messageIds, type Happening } from './message-ids.js';

type Say = (message: string, happening?: Happening) => void;

export interface Log {
  readonly info: Say;
  readonly warning: Say;
  readonly error: Say;
}

/** FIELD and value each; answers whether they will be told. */
export type Tell = (fields: readonly (readonly [string, string])[]) => boolean;

export function journalLog(write: (text: string) => void, tell: Tell): Log {
  const at =
    (level: number): Say =>
    (message, happening) => {
      // What comes from configuration, images or CRIU may hold line breaks; a log entry is one line.
      const line = message.replace(/\p{Cc}+/gu, ' ');
      if (happening !== undefined && tell(entryOf(level, line, happening))) return;
      write(`<${level}>${line}\n`);
    };
  return { info: at(6), warning: at(4), error: at(3) };
}

/** OBJECT_SYSTEMD_UNIT= has it appear among the entries of the application, too: systemd.journal-fields(7). */
function entryOf(
  level: number,
  line: string,
  { kind, application, snapshot, reason }: Happening,
): readonly (readonly [string, string])[] {
  const optional = (field: string, value: string | undefined): readonly (readonly [string, string])[] =>
    value === undefined ? [] : [[field, value]];
  return [
    ['MESSAGE', line],
    ['MESSAGE_ID', messageIds[kind]],
    ['PRIORITY', String(level)],
    ['SYSLOG_IDENTIFIER', 'grenadine-activator'],
    ...optional('OBJECT_SYSTEMD_UNIT', application === undefined ? undefined : `${application}.service`),
    ...optional('GRENADINE_APPLICATION', application),
    ...optional('GRENADINE_SNAPSHOT', snapshot),
    ...optional('GRENADINE_REASON', reason),
  ];
}
