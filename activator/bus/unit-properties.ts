// Reads the properties of systemd's units on the bus (org.freedesktop.systemd1(5)): those that we look at, in our types.

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

export async function unitState(bus: Bus, unit: string): Promise<UnitState> {
  const path = await unitPath(bus, unit);
  const values = {
    ...(await propertiesOf(bus, path, 'Unit')),
    ...(unit.endsWith('.service') ? await propertiesOf(bus, path, 'Service') : {}),
  };
  const number = (key: string): number => Number(values[key] ?? 0);
  const text = (key: string): string => (typeof values[key] === 'string' ? values[key] : '');
  return {
    loadState: text('LoadState'),
    activeState: text('ActiveState'),
    subState: text('SubState'),
    needDaemonReload: values['NeedDaemonReload'] === true,
    mainPid: number('MainPID'),
    result: text('Result'),
    begunUs: number('ConditionTimestampMonotonic'),
    forkUs: number('ExecMainStartTimestampMonotonic'),
  };
}
