/**
 * One TCP connection of a client, down to how it ended: an HTTP library hides an orderly close, a reset and the retry
 * that follows. Asks one thing after the other; never tries again.
 */
import { connect, type Socket } from 'node:net';
import { readAnswer, type HttpHead } from './http-head.js';

export type Reply =
  | { readonly kind: 'answered'; readonly head: HttpHead }
  /** The server said FIN. */
  | { readonly kind: 'closed'; readonly hasAnswerBegun: boolean }
  | { readonly kind: 'broken'; readonly why: string };

export interface Connection {
  /** False once either side has closed it, or said that it will. */
  readonly isOpen: () => boolean;
  readonly ask: (request: string) => Promise<Reply>;
  readonly close: () => void;
}

/** A cold boot of Rails on a busy machine fits into this, with room. */
const answerTimeoutMs = 30_000;

export function openConnection(host: string, port: number): Connection {
  let isOpen = true;
  let received = Buffer.alloc(0);
  let settle: ((reply: Reply) => void) | undefined;
  const socket: Socket = connect({ host, port, noDelay: true });

  const answer = (reply: Reply): void => {
    const waiting = settle;
    settle = undefined;
    if (reply.kind !== 'answered' || reply.head.isLast) {
      isOpen = false;
      socket.destroy();
    }
    waiting?.(reply);
  };

  socket.setTimeout(answerTimeoutMs);
  socket.on('timeout', () => {
    answer({ kind: 'broken', why: `no answer within ${answerTimeoutMs} ms` });
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    answer({ kind: 'broken', why: error.code ?? error.message });
  });
  socket.on('end', () => {
    answer({ kind: 'closed', hasAnswerBegun: received.length > 0 });
  });
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    const read = readAnswer(received);
    switch (read.kind) {
      case 'more':
        return;
      case 'whole':
        received = Buffer.alloc(0);
        answer({ kind: 'answered', head: read.head });
        return;
      case 'strange':
        answer({ kind: 'broken', why: read.why });
    }
  });

  return {
    isOpen: () => isOpen,
    ask: (request) =>
      new Promise((resolve) => {
        settle = resolve;
        socket.write(request);
      }),
    close: () => {
      isOpen = false;
      socket.destroy();
    },
  };
}
