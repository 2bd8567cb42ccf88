/** What test/apps/node/server.ts says of itself at `/`. */
import { fetchFrom } from './http-client.js';

export interface CounterState {
  /** The same for as long as it is the same boot, restores included. */
  readonly bootId: string;
  readonly ticks: number;
  readonly requests: number;
  readonly pid: number;
  readonly ppid: number;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly pidNamespace: string;
  readonly mountNamespace: string;
  /** Since its boot, on CLOCK_MONOTONIC. */
  readonly upSeconds: number;
}

export async function counterAt(address: string): Promise<CounterState> {
  const answer = await fetchFrom(address, '/');
  if (answer.status !== 200) throw new Error(`${address} answers ${answer.status}`);
  return readCounter(answer.body);
}

/** The server is of this repository, so its answer is taken at its word; only that it is one is checked. */
export function readCounter(body: string): CounterState {
  const value: unknown = JSON.parse(body);
  if (isCounterState(value)) return value;
  throw new Error(`not the counter's answer: ${body}`);
}

function isCounterState(value: unknown): value is CounterState {
  return typeof value === 'object' && value !== null && 'bootId' in value && 'ticks' in value;
}
