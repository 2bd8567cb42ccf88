// Reads the properties of systemd's units on the bus (org.freedesktop.systemd1(5)): those that we look at, in our types.

import { constants } from 'node:os';
import type { Bus } from './connection.js';

export const manager = {
  destination: 'org.freedesktop.systemd1',
  path: '/org/freedesktop/systemd1',
  interface: 'org.freedesktop.systemd1.Manager',
};

export const unitProperties = 'org.freedesktop.DBus.Properties';

/** The properties of a unit that we look at; systemd's own words. */
export interface UnitState {
  readonly loadState: string;
  readonly activeState: string;
  readonly subState: string;
  readonly needDaemonReload: boolean;
  readonly mainPid: number;
  readonly result: string;
  /** Starts by Restart= since somebody last started or stopped it. */
  readonly restarts: number;
  /** How the main process ended last, in words; '' where it never did, or was executed anew since. */
  readonly ended: string;
  /** CLOCK_MONOTONIC, in µs, when systemd began the last start, and looked at the unit's conditions; 0: never. */
  readonly begunUs: number;
  /** The same, when the main process was forked. */
  readonly forkUs: number;
}

export async function unitPath(bus: Bus, unit: string): Promise<string> {
  const [path] = await bus.call({
    ...manager,
    member: 'LoadUnit',
    signature: 's',
    body: [unit],
    timeoutMs: 5000,
  });
  return String(path);
}

async function propertiesOf(
  bus: Bus,
  path: string,
  kind: 'Unit' | 'Service',
): Promise<Record<string, unknown>> {
  const [found] = await bus.call({
    destination: manager.destination,
    path,
    interface: unitProperties,
    member: 'GetAll',
    signature: 's',
    body: [`org.freedesktop.systemd1.${kind}`],
    timeoutMs: 5000,
  });
  return typeof found === 'object' && found !== null ? { ...found } : {};
}

/** Specifiers are expanded by systemd; of a pattern of glob(7) nothing is known, nor of a credential handed down by its name. */
export async function environmentPaths(bus: Bus, service: string): Promise<readonly string[]> {
  const values = await propertiesOf(bus, await unitPath(bus, service), 'Service');
  const nth = (key: string, index: number): readonly string[] => {
    const tuples: readonly unknown[] = Array.isArray(values[key]) ? values[key] : [];
    return tuples.map((tuple) => (Array.isArray(tuple) ? String(tuple[index]) : ''));
  };
  const paths = [
    ...nth('EnvironmentFiles', 0),
    ...nth('LoadCredential', 1),
    ...nth('LoadCredentialEncrypted', 1),
  ];
  return [...new Set(paths)].filter((path) => path.startsWith('/') && !/[*?[]/.test(path));
}

/** `code` is si_code of waitid(2). */
function ending(code: number, status: number): string {
  const signal = Object.entries(constants.signals).find(([, number]) => number === status)?.[0];
  switch (code) {
    case cldExited:
      return `ended with exit status ${status}`;
    case cldKilled:
    case cldDumped:
      return `was ended by ${signal ?? `signal ${status}`}`;
    default:
      return '';
  }
}

const [cldExited, cldKilled, cldDumped] = [1, 2, 3];

export async function unitState(bus: Bus, unit: string): Promise<UnitState> {
  const path = await unitPath(bus, unit);
  return stateOf({
    ...(await propertiesOf(bus, path, 'Unit')),
    ...(unit.endsWith('.service') ? await propertiesOf(bus, path, 'Service') : {}),
  });
}

/** Numbers may be text, as `systemctl show` prints them. */
export function stateOf(values: Readonly<Record<string, unknown>>): UnitState {
  const number = (key: string): number => Number(values[key] ?? 0);
  const text = (key: string): string => (typeof values[key] === 'string' ? values[key] : '');
  return {
    loadState: text('LoadState'),
    activeState: text('ActiveState'),
    subState: text('SubState'),
    needDaemonReload: values['NeedDaemonReload'] === true,
    mainPid: number('MainPID'),
    result: text('Result'),
    restarts: number('NRestarts'),
    ended: ending(number('ExecMainCode'), number('ExecMainStatus')),
    begunUs: number('ConditionTimestampMonotonic'),
    forkUs: number('ExecMainStartTimestampMonotonic'),
  };
}
