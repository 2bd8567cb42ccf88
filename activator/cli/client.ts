// org.grenadine.Activator1 as the command calls it. Values arrive as the daemon sent them, variants unwrapped.

import { busName, interfaceName, methods, objectPath, type MethodName } from '../bus/api.js';
import { openSystemBus, type Signal } from '../bus/connection.js';
import { waitPatiently, type Patience } from './patience.js';
import { visible } from './visible.js';

export type Row = Readonly<Record<string, unknown>>;

/** Who answers the commands that only read. */
export interface Reader {
  readonly rows: (
    member: 'List' | 'ListSnapshots' | 'Prune' | 'Verify' | 'Diagnose' | 'Examine' | 'CompareRestores',
    body: readonly unknown[],
  ) => Promise<readonly Row[]>;
  readonly row: (member: 'Status' | 'Why', body: readonly unknown[]) => Promise<Row>;
}

export interface Client extends Reader {
  readonly call: (member: MethodName, body: readonly unknown[]) => Promise<unknown>;
  /** Every BakeProgress of application `name`, until the client is closed. */
  readonly onProgress: (name: string, listener: (phase: string, detail: string) => void) => Promise<void>;
  readonly close: () => void;
}

/**
 * Reads are answered from memory, in milliseconds; this is for a busy host, and for an activator that the bus starts for
 * them.
 */
const readTimeoutMs = 4000;
const reads: readonly MethodName[] = ['List', 'ListSnapshots', 'Status', 'Why'];

/**
 * What changes something may wait for the bakes and switches of others, or remove gigabytes: it has the time that it needs
 * while the activator answers at all. One that is silent for a minute is what its watchdog calls hung, too.
 */
const minute: Patience = { askAfterMs: 15_000, answerWithinMs: 45_000 };

export async function openClient(patience = minute): Promise<Client> {
  const bus = await openSystemBus((error) => {
    process.stderr.write(`grenadine: ${error.message}\n`);
    process.exit(5);
  });
  const ask = async (
    member: MethodName,
    body: readonly unknown[],
    timeoutMs: number | undefined,
  ): Promise<unknown> => {
    const [answer] = await bus.call({
      destination: busName,
      path: objectPath,
      interface: interfaceName,
      member,
      signature: methods[member].in,
      body,
      timeoutMs,
    });
    return answer;
  };
  const call: Client['call'] = (member, body) =>
    reads.includes(member)
      ? ask(member, body, readTimeoutMs)
      : waitPatiently(ask(member, body, undefined), () => ask('List', [], undefined), patience);
  return {
    call,
    rows: async (member, body) => {
      const answer = await call(member, body);
      return Array.isArray(answer) ? answer.map(asRow) : [];
    },
    row: async (member, body) => asRow(await call(member, body)),
    onProgress: async (name, listener) => {
      const match = `type='signal',interface='${interfaceName}',member='BakeProgress',arg0='${name}'`;
      await bus.listen(match, (signal: Signal) => {
        const [application, phase, detail] = signal.body;
        if (signal.interface === interfaceName && signal.member === 'BakeProgress' && application === name)
          listener(visible(String(phase)), visible(String(detail)));
      });
    },
    close: bus.close,
  };
}

function asRow(value: unknown): Row {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** As it may be shown. */
export function text(row: Row, key: string): string {
  const value = row[key];
  return typeof value === 'string' ? visible(value) : '';
}

export function number(row: Row, key: string): number {
  const value = row[key];
  return typeof value === 'number' ? value : 0;
}

export function texts(row: Row, key: string): readonly string[] {
  const value = row[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string').map(visible) : [];
}
