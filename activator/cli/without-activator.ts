// What can be known of applications without the activator: from the configuration, from what their last starts left in
// /run, and from systemd. Answers Status, Why and List in the words of org.grenadine.Activator1(5); what nobody but the
// activator knows is not there.

import { readdir } from 'node:fs/promises';
import { faultOfName } from '../../generator/config/application-name.js';
import type { Application } from '../../generator/config/application.js';
import { GrenadineError } from '../../generator/config/error.js';
import { loadConfiguration } from '../../generator/config/load-configuration.js';
import { explain } from '../explain/explain.js';
import { hookProblem, namespaceProblem } from '../explain/problems.js';
import type { Situation } from '../explain/situation.js';
import { criuErrors } from '../restore/criu-log.js';
import { crashProblem, endingOf } from '../restore/ending.js';
import { readOutcomeFile, type Outcome } from '../restore/outcome.js';
import type { Reader, Row } from './client.js';
import type { ShownUnit, ShowUnits } from './units.js';

export interface Places {
  /** '/' but in tests. */
  readonly root: string;
  readonly runDirectory: string;
  readonly show: ShowUnits;
}

interface Known {
  readonly name: string;
  readonly application: Application | undefined;
  readonly outcome: Outcome | undefined;
  /** undefined where systemd cannot be asked. */
  readonly unit: ShownUnit | undefined;
}

export function readWithout(places: Places): Reader {
  return {
    row: async (member, [name]) => {
      const known = await find(String(name), places);
      return member === 'Status' ? status(known) : why(known, places);
    },
    rows: async () => (await findAll(places)).map(summary),
  };
}

async function find(name: string, { root, runDirectory, show }: Places): Promise<Known> {
  const fault = faultOfName(name);
  const application = loadConfiguration(root).applications.find((one) => one.name === name);
  const outcome = fault === undefined ? await readOutcomeFile(name, runDirectory) : undefined;
  if (application === undefined && outcome === undefined)
    throw new GrenadineError(
      'nothing-known',
      fault === undefined
        ? `of '${name}' nothing is known without the activator: neither configuration nor a start`
        : `'${name}' is not a name: ${fault}`,
    );
  const [unit] = await show([`${name}.service`]);
  return { name, application, outcome, unit };
}

/** Those that are configured, and those that were started before their configuration went. */
async function findAll({ root, runDirectory, show }: Places): Promise<readonly Known[]> {
  const configured = new Map(loadConfiguration(root).applications.map((one) => [one.name, one]));
  const started = await readdir(`${runDirectory}/outcome`).catch(() => []);
  const names = [...new Set([...configured.keys(), ...started])]
    .filter((name) => faultOfName(name) === undefined)
    .toSorted();
  const units = await show(names.map((name) => `${name}.service`));
  const known = await Promise.all(
    names.map(async (name, index): Promise<Known> => ({
      ...{ name, application: configured.get(name), unit: units[index] },
      outcome: await readOutcomeFile(name, runDirectory),
    })),
  );
  return known.filter(
    ({ application, unit }) => application !== undefined || unit?.loadState !== 'not-found',
  );
}

function summary({ name, application, outcome, unit }: Known): Row {
  return {
    name,
    description: application?.description ?? '',
    state: unit?.activeState ?? 'unknown',
    how: outcome?.how ?? '',
    problem: problemOf(outcome, unit),
  };
}

function status(known: Known): Row {
  const { application, outcome, unit } = known;
  // Of a switch the unit's start tells nothing.
  const isStart = outcome?.isSwitch !== true;
  return {
    ...summary(known),
    'main-pid': unit?.mainPid ?? 0,
    result: unit?.result ?? '',
    sources: application?.sources ?? [],
    'begun-us': isStart ? (unit?.begunUs ?? 0) : 0,
    'fork-us': isStart ? (unit?.forkUs ?? 0) : 0,
    ...outcomeOf(outcome),
  };
}

async function why(known: Known, { runDirectory }: Places): Promise<Row> {
  const { name, outcome, unit } = known;
  const failed = outcome?.failed ?? [];
  return {
    how: outcome?.how ?? '',
    ...explain(situationOf(known)),
    detail: outcome?.detail ?? '',
    failed: failed.map(({ snapshot, code, text }) =>
      [snapshot, code, text].filter((part) => part !== '').join(': '),
    ),
    log: failed.length > 0 ? await criuErrors(name, runDirectory) : [],
    ended: unit === undefined ? '' : endingOf(name, unit),
    problem: problemOf(outcome, unit),
    ...outcomeOf(outcome),
  };
}

/** Of the snapshots nothing is known. */
function situationOf({ name, application, outcome, unit }: Known): Situation {
  return {
    ...{ name, outcome, circumstances: undefined, setAside: undefined, snapshots: [] },
    ...{ next: undefined, bake: undefined, automation: { kind: 'manual' } },
    isEnabled: application?.snapshot.enable ?? true,
    isActive: unit?.activeState === 'active',
    restarts: unit?.restarts ?? 0,
    criu: '',
  };
}

function problemOf(outcome: Outcome | undefined, unit: ShownUnit | undefined): string {
  return [unit === undefined ? '' : crashProblem(unit), namespaceProblem(outcome), hookProblem(outcome)]
    .filter((problem) => problem !== '')
    .join('; ');
}

function outcomeOf(outcome: Outcome | undefined): Row {
  if (outcome === undefined) return {};
  return {
    code: outcome.reason ?? '',
    answer: outcome.answer,
    'restored-from': outcome.snapshot ?? '',
    'start-us': outcome.startUs,
    ...Object.fromEntries(Object.entries(outcome.timingsUs).map(([phase, us]) => [`${phase}-us`, us])),
  };
}
