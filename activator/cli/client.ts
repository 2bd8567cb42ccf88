// org.grenadine.Activator1 as the command calls it. Values arrive as the daemon sent them, variants unwrapped.

import { busName, interfaceName, methods, objectPath, type MethodName } from '../bus/api.js';
import { openSystemBus, type Signal } from '../bus/connection.js';
import { visible } from './visible.js';

export type Row = Readonly<Record<string, unknown>>;

/** Who answers the commands that only read. */
export interface Reader {
  readonly rows: (
    member: 'List' | 'ListSnapshots' | 'Prune' | 'Verify' | 'Diagnose' | 'Examine' | 'CompareRestores',
    body: readonly unknown[],
    timeoutMs?: number,
  ) => Promise<readonly Row[]>;
  readonly row: (member: 'Status' | 'Why', body: readonly unknown[]) => Promise<Row>;
}

export interface Client extends Reader {
  readonly call: (member: MethodName, body: readonly unknown[], timeoutMs?: number) => Promise<unknown>;
  /** Every BakeProgress of application `name`, until the client is closed. */
  readonly onProgress: (name: string, listener: (phase: string, detail: string) => void) => Promise<void>;
  readonly close: () => void;
}

/**
 * Reads are answered from memory, in milliseconds; this is for a busy host, and for an activator that the bus starts for
 * them. What waits for a unit or a bake says so with its own `timeoutMs`.
 */
const readTimeoutMs = 4000;
const changeTimeoutMs = 10_000;
const reads: readonly MethodName[] = ['List', 'ListSnapshots', 'Status', 'Why'];

export async function openClient(): Promise<Client> {
  const bus = await openSystemBus((error) => {
    process.stderr.write(`grenadine: ${error.message}\n`);
    process.exit(5);
  });
  const call: Client['call'] = async (member, body, timeoutMs = deadlineOf(member)) => {
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
  return {
    call,
    rows: async (member, body, timeoutMs) => {
      const answer = await call(member, body, timeoutMs);
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

function deadlineOf(member: MethodName): number {
  return reads.includes(member) ? readTimeoutMs : changeTimeoutMs;
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
