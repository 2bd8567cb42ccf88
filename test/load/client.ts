/** A client that never pauses: as soon as it has its answer, it asks again. */
import { openConnection, type Connection, type Reply } from './connection.js';
import type { Exchange, Result } from './exchange.js';

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** Asks until `isOver()`; every exchange is told. */
export async function runClient(
  { host, port, path }: Target,
  isKept: boolean,
  isOver: () => boolean,
  tell: (exchange: Exchange) => void,
): Promise<void> {
  const close = isKept ? '' : 'Connection: close\r\n';
  const request = `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n${close}\r\n`;
  let connection: Connection | undefined;

  const exchange = async (): Promise<Exchange> => {
    const beganUs = monotonicUs();
    let isRepeated = false;
    let reused = connection?.isOpen() === true ? connection : undefined;
    for (;;) {
      connection = reused ?? openConnection(host, port);
      const reply = await connection.ask(request);
      if (!isKept) connection.close();
      if (reused !== undefined && reply.kind === 'closed' && !reply.hasAnswerBegun) {
        isRepeated = true;
        reused = undefined;
        continue;
      }
      return { isKept, beganUs, endedUs: monotonicUs(), isRepeated, result: resultOf(reply, reused) };
    }
  };

  while (!isOver()) tell(await exchange());
  connection?.close();
}

function resultOf(reply: Reply, reused: Connection | undefined): Result {
  const where = reused === undefined ? 'a new connection' : 'a kept connection';
  switch (reply.kind) {
    case 'answered':
      return { kind: 'answered', status: reply.head.status, revision: reply.head.revision };
    case 'closed':
      return {
        kind: 'failed',
        why: `${where} was closed ${reply.hasAnswerBegun ? 'amid' : 'before'} an answer`,
      };
    case 'broken':
      return { kind: 'failed', why: `${where}: ${reply.why}` };
  }
}

function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
