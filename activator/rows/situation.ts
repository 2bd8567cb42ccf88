// What an explanation takes from, as the activator knows it. Pure.

import { servable, type ApplicationState } from '../applications.js';
import type { UnitState } from '../bus/unit-properties.js';
import type { Situation } from '../explain/situation.js';
import type { HostFingerprint } from '../host/differences.js';
import { automationOf, problemOfCriu } from '../prospects.js';
import { blamesSnapshot } from '../restore/blame.js';
import { isSameStart } from '../restore/outcome.js';

export function situationOf(
  state: ApplicationState,
  { restarts, activeState }: UnitState,
  host: HostFingerprint,
  isAutomatic: boolean,
): Situation {
  const { application, outcome, setAside, bake } = state;
  const circumstances = circumstancesOfLast(state);
  const staying = { ...state, snapshots: state.snapshots.filter(({ id }) => !isLeaving(state, id)) };
  return {
    ...{ name: application.name, outcome, circumstances, setAside, bake, restarts },
    snapshots: state.snapshots.map(({ id }) => id),
    next: servable(staying, host)[0],
    isEnabled: application.snapshot.enable,
    automation: automationOf(staying, host, isAutomatic),
    isActive: activeState === 'active',
    criu: problemOfCriu(host),
  };
}

/** Those that were noted may be of a start before. */
function circumstancesOfLast({ outcome, circumstances }: ApplicationState): Situation['circumstances'] {
  const isOfLast =
    outcome !== undefined && circumstances !== undefined && isSameStart(circumstances.start, outcome);
  return isOfLast ? circumstances : undefined;
}

/** Is it about to be set aside? Not if that has been tried. */
function isLeaving(state: ApplicationState, id: string): boolean {
  const { outcome, setAside } = state;
  if (circumstancesOfLast(state) !== undefined || (setAside?.snapshot === id && setAside.failure !== ''))
    return false;
  return outcome?.failed.some(({ snapshot, code }) => snapshot === id && blamesSnapshot(code)) === true;
}
