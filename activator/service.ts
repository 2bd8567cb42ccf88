// org.grenadine.Activator1 on the bus: checks what callers sent, asks the controller, and puts answers into D-Bus types.
// The bus's policy lets only root call what changes something.

import { faultOfName } from '../generator/config/application-name.js';
import { GrenadineError } from '../generator/config/error.js';
import { parseUrlPath } from '../generator/config/words.js';
import { faultOfSnapshot, type Applications, type ApplicationState } from './applications.js';
import { bakePhase, bakeProblem } from './bake/bake-state.js';
import { interfaceName, methods, objectPath, signals, type MethodName } from './bus/api.js';
import { typed, type Bus, type Method } from './bus/connection.js';
import type { Systemd } from './bus/systemd.js';
import type { UnitState } from './bus/unit-properties.js';
import type { Controller } from './controller.js';
import { degradedBy } from './degraded.js';
import type { Check } from './doctor/check.js';
import { causeOf } from './doctor/criu-causes.js';
import type { Finding } from './doctor/finding.js';
import type { HostFingerprint } from './host/differences.js';
import type { Host } from './host/host.js';
import type { Housekeeping } from './housekeeping.js';
import { crashProblem, endingOf } from './restore/ending.js';
import { explain, hookProblem, namespaceProblem, switchProblem } from './restore/explain.js';
import { criuErrors } from './restore/criu-log.js';
import { readReport } from './restore/outcome.js';
import type { StoredSnapshot } from './store/store.js';

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

type Dict = Record<string, unknown>;

async function describe(state: ApplicationState, tools: ServiceTools): Promise<Dict> {
  const { application, outcome, snapshots } = state;
  const unit = await tools.systemd.state(`${application.name}.service`);
  return {
    name: typed('s', application.name),
    description: typed('s', application.description),
    state: typed('s', unit.activeState),
    how: typed('s', outcome?.how ?? ''),
    snapshot: typed('s', snapshots.find(({ isCurrent }) => isCurrent)?.id ?? ''),
    pinned: typed('s', snapshots.find(({ isPinned }) => isPinned)?.id ?? ''),
    snapshots: typed('u', snapshots.length),
    release: typed('s', state.release.id),
    baking: typed('s', bakePhase(state.bake)),
    degraded: typed('s', degradedBy(state, tools.host.now())),
    problem: typed('s', problemOf(state, unit)),
    ...reuseOf(newestCompared(state)),
  };
}

/** What the next start gets, as far as the last bake tells. */
function newestCompared({ snapshots, configuration }: ApplicationState): StoredSnapshot | undefined {
  return snapshots.find(({ manifest }) => manifest.configuration === configuration);
}

/** How many starts a snapshot serves, and why not any number, or although it had better not. */
function reuseOf(snapshot: StoredSnapshot | undefined): Dict {
  const reuse = snapshot?.manifest.reuse;
  return {
    reuse: typed('s', reuse?.kind ?? ''),
    'reuse-why': typed('s', reuse?.why ?? ''),
  };
}

function problemOf({ bake, kept, outcome }: ApplicationState, unit: UnitState): string {
  return [
    crashProblem(unit),
    bakeProblem(bake),
    bakeAdvice(bake),
    switchProblem(kept?.report),
    namespaceProblem(outcome),
    hookProblem(outcome),
  ]
    .filter((problem) => problem !== '')
    .join('; ');
}

function listSnapshots(state: ApplicationState, host: HostFingerprint): readonly Dict[] {
  return state.snapshots.map((snapshot, index) => {
    const fault = faultOfSnapshot(state, snapshot, host);
    return {
      number: typed('u', index + 1),
      id: typed('s', snapshot.id),
      current: typed('b', snapshot.isCurrent),
      pinned: typed('b', snapshot.isPinned),
      valid: typed('b', fault === undefined),
      stale: typed('s', fault ?? ''),
      used: typed('b', snapshot.isUsed),
      ...reuseOf(snapshot),
      ...figures(snapshot),
    };
  });
}

function figures({ manifest, bytes }: StoredSnapshot): Dict {
  const { timings, release, createdUs } = manifest;
  return {
    release: typed('s', release.id),
    'created-us': typed('t', BigInt(createdUs)),
    bytes: typed('t', BigInt(bytes)),
    'cold-ms': typed('u', timings.coldMs),
    'dump-ms': typed('u', timings.dumpMs),
    'prove-ms': typed('u', timings.proveMs),
    ...memoryOf(manifest),
  };
}

/** Whether a restore maps the memory, and why not. */
function memoryOf({ memory }: StoredSnapshot['manifest']): Dict {
  return {
    memory: typed('s', memory.kind),
    'memory-why': typed('s', memory.kind === 'copied' ? memory.why : ''),
  };
}

async function status(state: ApplicationState, tools: ServiceTools): Promise<Dict> {
  const unit = await tools.systemd.state(`${state.application.name}.service`);
  // Of a switch the unit's start tells nothing.
  const isStart = state.outcome?.isSwitch !== true;
  return {
    ...(await describe(state, tools)),
    'main-pid': typed('u', unit.mainPid),
    result: typed('s', unit.result),
    sources: typed('as', [...state.application.sources]),
    'begun-us': typed('t', BigInt(isStart ? unit.begunUs : 0)),
    'fork-us': typed('t', BigInt(isStart ? unit.forkUs : 0)),
    ...outcomeOf(state),
  };
}

async function why(state: ApplicationState, { host, systemd }: ServiceTools): Promise<Dict> {
  const { name } = state.application;
  const unit = await systemd.state(`${name}.service`);
  const { outcome } = state;
  const { reason, advice } = explain(outcome, name);
  const failed = [...(outcome?.failed ?? []), ...(state.kept?.report.failed ?? [])];
  const served = state.snapshots.find(({ id }) => id === outcome?.snapshot);
  return {
    how: typed('s', outcome?.how ?? ''),
    reason: typed('s', reason),
    detail: typed('s', outcome?.detail ?? ''),
    failed: typed(
      'as',
      failed.map(({ snapshot, code, text: said }) => [snapshot, code, said].filter(Boolean).join(': ')),
    ),
    log: typed('as', failed.length > 0 ? await criuErrors(name) : []),
    stale: typed('as', staleness(state, host.now())),
    'set-aside': typed('s', state.setAside),
    ended: typed('s', endingOf(name, unit)),
    degraded: typed('s', degradedBy(state, host.now())),
    problem: typed('s', problemOf(state, unit)),
    advice: typed('s', advice),
    ...(served === undefined ? {} : memoryOf(served.manifest)),
    ...reuseOf(served ?? newestCompared(state)),
    ...outcomeOf(state),
  };
}

/** What CRIU's own words mean, where that is known. */
function bakeAdvice(bake: ApplicationState['bake']): string {
  const known = bake.kind === 'failed' ? causeOf(bake.message) : undefined;
  return known === undefined ? '' : `which means: ${known.cause}; what helps: ${known.advice}`;
}

/** Of each snapshot that may not serve now, why. */
function staleness(state: ApplicationState, host: HostFingerprint): readonly string[] {
  return state.snapshots.flatMap((snapshot) => {
    const fault = faultOfSnapshot(state, snapshot, host);
    return fault === undefined ? [] : [`${snapshot.id}: ${fault}`];
  });
}

function outcomeOf({ outcome }: ApplicationState): Dict {
  if (outcome === undefined) return {};
  return {
    code: typed('s', outcome.reason ?? ''),
    answer: typed('s', outcome.answer),
    'restored-from': typed('s', outcome.snapshot ?? ''),
    'start-us': typed('t', BigInt(outcome.startUs)),
    ...Object.fromEntries(
      Object.entries(outcome.timingsUs).map(([phase, us]) => [`${phase}-us`, typed('t', BigInt(us))]),
    ),
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
