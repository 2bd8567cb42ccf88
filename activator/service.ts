// org.grenadine.Activator1 on the bus: checks what callers sent, asks the controller, and puts answers into D-Bus types.
// The bus's policy lets only root call what changes something.

import { faultOfName } from '../generator/config/application-name.js';
import { GrenadineError } from '../generator/config/error.js';
import { parseUrlPath } from '../generator/config/words.js';
import type { Applications } from './applications.js';
import { interfaceName, methods, objectPath, signals, type MethodName } from './bus/api.js';
import { typed, type Bus, type Method } from './bus/connection.js';
import type { Systemd } from './bus/systemd.js';
import type { Controller } from './controller.js';
import type { Check } from './doctor/check.js';
import type { Finding } from './doctor/finding.js';
import type { Host } from './host/host.js';
import type { Housekeeping } from './housekeeping.js';
import { readReport } from './restore/outcome.js';
import { describe, status, why } from './rows/application.js';
import type { Dict } from './rows/dict.js';
import { listSnapshots } from './rows/snapshot.js';

export interface ServiceTools {
  readonly applications: Applications;
  readonly systemd: Systemd;
  readonly host: Host;
  readonly controller: Controller;
  readonly housekeeping: Housekeeping;
  /** Makes NAME a transient application from the text of a NAME.conf, and starts it. */
  readonly define: (name: string, text: string) => Promise<void>;
  /** Looks at the host, and whether the canary lives on it. */
  readonly diagnose: () => Promise<readonly Check[]>;
}

type Emit = (member: keyof typeof signals, ...body: readonly string[]) => void;

/** Exports the interface; answers the function that emits its signals. */
export function exportService(bus: Bus, tools: ServiceTools): Emit {
  const table = Object.entries(implementations(tools)).map(([name, run]): [string, Method] => [
    name,
    { ...methods[name as MethodName], run: run },
  ]);
  return bus.export(objectPath, interfaceName, Object.fromEntries(table), signals);
}

function implementations(tools: ServiceTools): Record<MethodName, Method['run']> {
  const { applications } = tools;
  return {
    Activate: (name, configuration) => tools.controller.activate(text(name), text(configuration)),
    Report: async (name, pairs) => {
      const report = readReport(textPairs(pairs));
      if (report !== undefined) await tools.controller.report(text(name), report);
    },
    List: () => Promise.all(applications.all().map((state) => describe(state, tools))),
    ListSnapshots: (name) => listSnapshots(applications.get(applicationName(name)), tools.host.now()),
    Status: (name) => status(applications.get(applicationName(name)), tools),
    Why: (name) => why(applications.get(applicationName(name)), tools),
    Bake: (name) => tools.controller.bake(applicationName(name)),
    Dump: (name, isStopped) => tools.controller.dump(applicationName(name), isStopped === true),
    Restore: (name, id) => tools.controller.restore(applicationName(name), text(id)),
    Prune: async (isDryRun) =>
      (await tools.housekeeping.prune(isDryRun !== false)).map(({ name, id, bytes }) => ({
        name: typed('s', name),
        id: typed('s', id),
        bytes: typed('t', BigInt(bytes)),
      })),
    Remove: (name, id) => tools.housekeeping.remove(applicationName(name), text(id)),
    Verify: async (name, id) =>
      (await tools.controller.verify(applicationName(name), text(id))).map((one) => ({
        name: typed('s', one.name),
        id: typed('s', one.id),
        bytes: typed('t', BigInt(one.bytes)),
        damage: typed('s', one.damage),
      })),
    Kill: async (name, signal) => {
      const { application } = applications.get(applicationName(name));
      if (typeof signal !== 'number' || signal < 1 || signal > 64)
        throw new GrenadineError('invalid-signal', `${String(signal)} is not a signal.`);
      await tools.systemd.kill(`${application.name}.service`, signal);
    },
    Define: (name, configuration) => tools.define(applicationName(name), text(configuration)),
    Examine: async (name) => (await tools.controller.examine(applicationName(name))).map(asDict),
    CompareRestores: async (name, path) =>
      (await tools.controller.compareRestores(applicationName(name), urlPath(path))).map(asDict),
    Diagnose: async () => (await tools.diagnose()).map(asDict),
  };
}

function asDict(row: Check | Finding): Dict {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, typed('s', value)]));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** '' is none. */
function urlPath(value: unknown): string | undefined {
  if (value === '') return undefined;
  const parsed = parseUrlPath(text(value));
  if (parsed.kind === 'fault') throw new GrenadineError('invalid-path', `A path ${parsed.why}.`);
  return parsed.value;
}

function applicationName(value: unknown): string {
  const name = text(value);
  const fault = faultOfName(name);
  if (fault !== undefined)
    throw new GrenadineError('invalid-name', `'${name.slice(0, 80)}' is not a name: ${fault}.`);
  return name;
}

function textPairs(value: unknown): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([key, item]) => [key, text(item)] as const);
}
