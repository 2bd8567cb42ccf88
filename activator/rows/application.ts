// The rows about an application: what List, Status and Why answer. What is known in memory, systemd's state beside it, and
// words for both.

import { staleness, type ApplicationState } from '../applications.js';
import { bakePhase } from '../bake/bake-state.js';
import { typed } from '../bus/connection.js';
import type { Systemd } from '../bus/systemd.js';
import type { UnitState } from '../bus/unit-properties.js';
import type { Controller } from '../controller.js';
import { degradedBy } from '../degraded.js';
import { explain } from '../explain/explain.js';
import { bakeProblem, hookProblem, namespaceProblem, switchProblem } from '../explain/problems.js';
import type { SetAside } from '../explain/situation.js';
import type { Host } from '../host/host.js';
import { automationOf } from '../prospects.js';
import { criuErrors } from '../restore/criu-log.js';
import { crashProblem, endingOf } from '../restore/ending.js';
import type { Dict } from './dict.js';
import { situationOf } from './situation.js';
import { memoryOf, newestCompared, reuseOf } from './snapshot.js';

interface RowTools {
  readonly systemd: Pick<Systemd, 'state'>;
  readonly host: Pick<Host, 'now'>;
  readonly controller: Pick<Controller, 'isAutomatic'>;
}

export async function describe(state: ApplicationState, tools: RowTools): Promise<Dict> {
  return describeUnit(state, await unitOf(state, tools), tools);
}

export async function status(state: ApplicationState, tools: RowTools): Promise<Dict> {
  const unit = await unitOf(state, tools);
  // Of a switch the unit's start tells nothing.
  const isStart = state.outcome?.isSwitch !== true;
  return {
    ...describeUnit(state, unit, tools),
    'main-pid': typed('u', unit.mainPid),
    result: typed('s', unit.result),
    ended: typed('s', endingOf(state.application.name, unit)),
    stale: typed('as', [...staleness(state, tools.host.now())]),
    sources: typed('as', [...state.application.sources]),
    'begun-us': typed('t', BigInt(isStart ? unit.begunUs : 0)),
    'fork-us': typed('t', BigInt(isStart ? unit.forkUs : 0)),
    ...outcomeOf(state),
  };
}

export async function why(state: ApplicationState, tools: RowTools): Promise<Dict> {
  const unit = await unitOf(state, tools);
  const { outcome } = state;
  const { reason, advice } = explain(
    situationOf(state, unit, tools.host.now(), tools.controller.isAutomatic()),
  );
  const failed = [...(outcome?.failed ?? []), ...(state.kept?.report.failed ?? [])];
  const served = state.snapshots.find(({ id }) => id === outcome?.snapshot);
  return {
    ...describeUnit(state, unit, tools),
    reason: typed('s', reason),
    detail: typed('s', outcome?.detail ?? ''),
    failed: typed(
      'as',
      failed.map(({ snapshot, code, text }) =>
        [snapshot, code, text].filter((part) => part !== '').join(': '),
      ),
    ),
    log: typed('as', failed.length > 0 ? await criuErrors(state.application.name) : []),
    stale: typed('as', [...staleness(state, tools.host.now())]),
    'set-aside': typed('s', setAsideText(state.setAside)),
    ended: typed('s', endingOf(state.application.name, unit)),
    'bake-said': typed('s', state.bake.kind === 'failed' ? state.bake.message : ''),
    advice: typed('s', advice),
    ...(served === undefined ? {} : memoryOf(served.manifest)),
    ...reuseOf(served ?? newestCompared(state)),
    ...outcomeOf(state),
  };
}

function unitOf({ application }: ApplicationState, { systemd }: RowTools): Promise<UnitState> {
  return systemd.state(`${application.name}.service`);
}

function describeUnit(state: ApplicationState, unit: UnitState, tools: RowTools): Dict {
  const { application, outcome, snapshots } = state;
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
    degraded: typed('s', degradedBy(state, tools.host.now(), tools.controller.isAutomatic())),
    problem: typed('s', problemOf(state, unit, tools)),
    ...reuseOf(newestCompared(state)),
  };
}

function problemOf(state: ApplicationState, unit: UnitState, { host, controller }: RowTools): string {
  const { application, bake, kept, outcome } = state;
  return [
    crashProblem(unit),
    bakeProblem(bake, application.name, automationOf(state, host.now(), controller.isAutomatic())),
    switchProblem(kept?.report),
    namespaceProblem(outcome),
    hookProblem(outcome),
  ]
    .filter((problem) => problem !== '')
    .join('; ');
}

function setAsideText(setAside: SetAside | undefined): string {
  if (setAside === undefined) return '';
  const failure = setAside.failure === '' ? '' : `, which failed: ${setAside.failure}`;
  return `${setAside.snapshot}: ${setAside.code}: ${setAside.text}${failure}`;
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
