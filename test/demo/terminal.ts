/** How the demonstration looks: numbered steps, what they show set in below, colours only on a terminal. */
export interface Screen {
  /** Announces a step; whatever comes next belongs to it. */
  readonly step: (title: string) => void;
  /** A line, or several, below the step. */
  readonly show: (text: string) => void;
  /** A fact, with what it was found to be to the right. */
  readonly fact: (what: string, value: string) => void;
  readonly result: (text: string) => void;
  readonly failure: (text: string) => void;
}

const indent = '    ';
const factWidth = 60;

export function openScreen(output: NodeJS.WriteStream, nowMs: () => number): Screen {
  const isColoured = output.isTTY && process.env['NO_COLOR'] === undefined;
  const paint = (code: number, text: string): string => (isColoured ? `\x1b[${code}m${text}\x1b[0m` : text);
  const startMs = nowMs();
  let number = 0;
  const write = (line: string): void => {
    output.write(`${line}\n`);
  };
  return {
    step: (title) => {
      number += 1;
      const seconds = `${((nowMs() - startMs) / 1000).toFixed(1)} s`;
      write(
        `\n${paint(1, `${`${number}`.padStart(2)}  ${title.padEnd(factWidth)}`)}${paint(2, seconds.padStart(10))}`,
      );
    },
    show: (text) => {
      for (const line of text.trimEnd().split('\n')) write(paint(2, `${indent}${line}`.trimEnd()));
    },
    fact: (what, value) => {
      write(`${indent}${what.padEnd(factWidth)}${paint(36, value.padStart(10))}`);
    },
    result: (text) => {
      write(`\n${paint(32, text)}`);
    },
    failure: (text) => {
      write(`\n${paint(31, `The demonstration failed: ${text}`)}`);
    },
  };
}
