// What the activator asks of systemd's Manager, over D-Bus (org.freedesktop.systemd1(5)). Decides nothing.

import { GrenadineError } from '../../generator/config/error.js';
import type { Bus } from './connection.js';
import {
  environmentPaths,
  manager,
  unitPath,
  unitProperties,
  unitState,
  type UnitState,
} from './unit-properties.js';

export interface Systemd {
  /** Each waits for the job's end and rejects with `job-failed` when its result is not "done". */
  readonly start: (unit: string, timeoutMs: number) => Promise<void>;
  readonly stop: (unit: string, timeoutMs: number) => Promise<void>;
  readonly restart: (unit: string, timeoutMs: number) => Promise<void>;
  /** Runs ExecReload= of the unit. */
  readonly reloadUnit: (unit: string, timeoutMs: number) => Promise<void>;
  /** The signal goes to the unit's main process, the launcher, which forwards it. */
  readonly kill: (unit: string, signal: number) => Promise<void>;
  readonly reload: () => Promise<void>;
  /** Forgets that a unit has failed, so that systemd forgets one that is gone altogether. */
  readonly resetFailed: (unit: string) => Promise<void>;
  /** As `systemctl --version` says it in brackets. */
  readonly version: () => Promise<string>;
  readonly state: (unit: string) => Promise<UnitState>;
  /** The files that systemd reads into an environment, or credentials, when it starts a service; some may be missing. */
  readonly environmentPaths: (service: string) => Promise<readonly string[]>;
  /** ActiveState alone, a small part of what `state` asks for and reads. */
  readonly activeState: (unit: string) => Promise<string>;
  /** Calls back after each `systemctl daemon-reload`. */
  readonly onReloaded: (listener: () => void) => void;
}

/** Subscribes to systemd's signals first: a job may end before the reply that names it has been read. */
export async function openSystemd(bus: Bus): Promise<Systemd> {
  const ended = new Map<string, string>();
  const waiting = new Map<string, (result: string) => void>();
  const reloaded: (() => void)[] = [];
  await bus.listen(
    `type='signal',sender='${manager.destination}',interface='${manager.interface}',path='${manager.path}'`,
    (signal) => {
      if (signal.interface !== manager.interface) return;
      if (signal.member === 'Reloading' && signal.body[0] === false)
        for (const listener of reloaded) listener();
      if (signal.member !== 'JobRemoved') return;
      const [, job, , result] = signal.body;
      if (typeof job !== 'string' || typeof result !== 'string') return;
      const settle = waiting.get(job);
      if (settle === undefined) rememberLast(ended, job, result);
      else settle(result);
    },
  );
  await bus.call({ ...manager, member: 'Subscribe', timeoutMs: 5000 });

  const runJob = async (member: string, unit: string, timeoutMs: number): Promise<void> => {
    const [job] = await bus.call({
      ...manager,
      member,
      signature: 'ss',
      body: [unit, 'replace'],
      timeoutMs: 10_000,
    });
    const result = await jobEnd(String(job), ended, waiting, timeoutMs);
    if (result !== 'done')
      throw new GrenadineError(
        'job-failed',
        `${member} of ${unit} ended with '${result}'; see: journalctl -u ${unit} and systemctl status ${unit}`,
      );
  };
  return {
    start: (unit, timeoutMs) => runJob('StartUnit', unit, timeoutMs),
    stop: (unit, timeoutMs) => runJob('StopUnit', unit, timeoutMs),
    restart: (unit, timeoutMs) => runJob('RestartUnit', unit, timeoutMs),
    reloadUnit: (unit, timeoutMs) => runJob('ReloadUnit', unit, timeoutMs),
    kill: async (unit, signal) => {
      await bus.call({
        ...manager,
        member: 'KillUnit',
        signature: 'ssi',
        body: [unit, 'main', signal],
        timeoutMs: 5000,
      });
    },
    reload: async () => {
      await bus.call({ ...manager, member: 'Reload', timeoutMs: 60_000 });
    },
    resetFailed: async (unit) => {
      await bus.call({
        ...manager,
        member: 'ResetFailedUnit',
        signature: 's',
        body: [unit],
        timeoutMs: 5000,
      });
    },
    version: async () => {
      const [value] = await bus.call({
        ...{ destination: manager.destination, path: manager.path, interface: unitProperties, member: 'Get' },
        signature: 'ss',
        body: [manager.interface, 'Version'],
        timeoutMs: 5000,
      });
      return typeof value === 'string' ? value : '';
    },
    state: (unit) => unitState(bus, unit),
    environmentPaths: (service) => environmentPaths(bus, service),
    activeState: async (unit) => {
      const path = await unitPath(bus, unit);
      const [value] = await bus.call({
        ...{ destination: manager.destination, path, interface: unitProperties, member: 'Get' },
        signature: 'ss',
        body: ['org.freedesktop.systemd1.Unit', 'ActiveState'],
        timeoutMs: 5000,
      });
      return typeof value === 'string' ? value : '';
    },
    onReloaded: (listener) => {
      reloaded.push(listener);
    },
  };
}

/** Jobs of others end too: only the last few whose waiter may not have registered yet are kept. */
function rememberLast(ended: Map<string, string>, job: string, result: string): void {
  ended.set(job, result);
  const [oldest] = ended.keys();
  if (ended.size > 64 && oldest !== undefined) ended.delete(oldest);
}

function jobEnd(
  job: string,
  ended: Map<string, string>,
  waiting: Map<string, (result: string) => void>,
  timeoutMs: number,
): Promise<string> {
  const already = ended.get(job);
  if (already !== undefined) {
    ended.delete(job);
    return Promise.resolve(already);
  }
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      waiting.delete(job);
      reject(new GrenadineError('job-timeout', `The systemd job ${job} did not end within ${timeoutMs} ms.`));
    }, timeoutMs);
    waiting.set(job, (result) => {
      clearTimeout(timer);
      waiting.delete(job);
      resolve(result);
    });
  });
}
