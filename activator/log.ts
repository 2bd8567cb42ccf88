// The daemon's log: lines on stderr with systemd's level prefixes (sd-daemon(3)). Library code throws, it does not log.

export interface Log {
  readonly info: (message: string) => void;
  readonly warning: (message: string) => void;
  readonly error: (message: string) => void;
}

export function journalLog(write: (text: string) => void): Log {
  const at =
    (level: number) =>
    (message: string): void => {
      // What comes from configuration, images or CRIU may hold line breaks; a log entry is one line.
      write(`<${level}>${message.replace(/\p{Cc}+/gu, ' ')}\n`);
    };
  return { info: at(6), warning: at(4), error: at(3) };
}
