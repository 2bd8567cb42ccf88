// What is being done at the moment, on standard error, while a command waits.

import type { Terminal } from './show.js';

/** On a terminal one line that is written over; elsewhere one line for each new phase. */
export function progressLine(terminal: Terminal): {
  show: (phase: string, detail: string) => void;
  end: () => void;
} {
  let shown = '';
  let phaseShown = '';
  return {
    show: (phase, detail) => {
      const line = detail === '' ? phase : `${phase} ${detail}`;
      if (terminal.isErrTerminal) terminal.err(`\r\x1b[K${line}`);
      else if (phase !== phaseShown) terminal.err(`${line}\n`);
      shown = line;
      phaseShown = phase;
    },
    end: () => {
      if (terminal.isErrTerminal && shown !== '') terminal.err('\r\x1b[K');
      shown = '';
    },
  };
}
