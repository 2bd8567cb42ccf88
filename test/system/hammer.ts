/** Clients that never pause, half of them on kept connections, half on a new one each time. Every failure is counted. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fetchFrom, keepConnections } from './http-client.js';

export interface Blows {
  readonly answered: number;
  /** One sentence each. */
  readonly failures: readonly string[];
  readonly longestMs: number;
}

export interface Hammer {
  /** Resolves when so many more requests were answered or have failed. */
  readonly strike: (requests: number) => Promise<void>;
  readonly stop: () => Promise<Blows>;
}

export function startHammer(address: string, clients: number, path = '/'): Hammer {
  const connections = keepConnections(clients);
  const failures: string[] = [];
  let answered = 0;
  let longestMs = 0;
  let isOver = false;
  const strikeOnce = async (isKept: boolean): Promise<void> => {
    const began = performance.now();
    try {
      const { status } = await fetchFrom(address, path, isKept ? { connections } : {});
      if (status === 200) answered += 1;
      else failures.push(`status ${status}`);
    } catch (error) {
      failures.push(`${isKept ? 'kept' : 'new'} connection: ${String(error)}`);
    }
    longestMs = Math.max(longestMs, performance.now() - began);
  };
  const client = async (isKept: boolean): Promise<void> => {
    while (!isOver) await strikeOnce(isKept);
  };
  const running = Array.from({ length: clients * 2 }, (_, index) => client(index % 2 === 0));
  return {
    strike: async (requests) => {
      const until = answered + failures.length + requests;
      while (answered + failures.length < until) await nextTurn();
    },
    stop: async () => {
      isOver = true;
      await Promise.all(running);
      connections.destroy();
      return { answered, failures, longestMs };
    },
  };
}
