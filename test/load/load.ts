/** A load that runs in another process, as its starter follows it: what came of each request so far, and the wait for more. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { parseExchange, type Exchange } from './exchange.js';

/** The `load` program where a bed has the checkout. */
const program = '/src/build/test/load/main.js';

export interface LoadOptions {
  readonly port: number;
  readonly path: string;
  /** Clients that keep their connection, and clients that make a new one for each request. */
  readonly kept: number;
  readonly fresh: number;
}

export interface Load {
  /** In the order in which they ended; it grows. */
  readonly exchanges: readonly Exchange[];
  /** Resolves when so many more requests are over. */
  readonly more: (requests: number) => Promise<void>;
  /** Lets every client have its last answer. */
  readonly stop: () => Promise<readonly Exchange[]>;
}

interface Started {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  /** The exit status. */
  readonly ended: Promise<number>;
}

export function loadArgv({ port, path, kept, fresh }: LoadOptions): readonly string[] {
  return ['/usr/bin/node', program, '127.0.0.1', `${port}`, path, `${kept}`, `${fresh}`];
}

/** `started` runs loadArgv() with pipes for its standard input and output. */
export function followLoad({ stdin, stdout, ended }: Started): Load {
  if (stdin === null || stdout === null) throw new Error('the load was started without pipes');
  const exchanges: Exchange[] = [];
  const lines = createInterface({ input: stdout });
  lines.on('line', (line) => exchanges.push(parseExchange(line)));
  let status: number | undefined;
  const end = ended.then((code) => {
    status = code;
    lines.close();
  });
  return {
    exchanges,
    more: async (requests) => {
      const wanted = exchanges.length + requests;
      while (exchanges.length < wanted) {
        if (status !== undefined) throw new Error(`the load ended with status ${status}`);
        await Promise.race([once(lines, 'line'), end]);
      }
    },
    stop: async () => {
      stdin.end();
      await end;
      if (status !== 0) throw new Error(`the load ended with status ${status ?? '-'}`);
      return exchanges;
    },
  };
}

/** Now, on the clock of the exchanges, in microseconds. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
