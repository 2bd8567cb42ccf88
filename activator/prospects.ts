// How things stand with the snapshots of an application, for those who put it into words: at a start that was taken in, and
// now, for what becomes of them by itself. Pure.

import { staleness, validSnapshots, type ApplicationState } from './applications.js';
import type { Automation, Circumstances } from './explain/situation.js';
import { criuProblem } from './host/criu.js';
import type { HostFingerprint } from './host/differences.js';
import type { Outcome } from './restore/outcome.js';

/** Is true of the start only while the state is that of the moment in which its report is taken in. */
export function circumstancesOf(
  state: ApplicationState,
  start: Outcome,
  host: HostFingerprint,
): Circumstances {
  return {
    start,
    isEnabled: state.application.snapshot.enable,
    criu: problemOfCriu(host),
    hasSnapshots: state.snapshots.length > 0,
    stale: staleness(state, host),
    setAside: state.setAside,
  };
}

/** `isAutomatic` is Bake= of grenadine.conf(5). What bakes by itself is in bake/bakes.ts: `bakeWhatIsMissing`. */
export function automationOf(
  state: ApplicationState,
  host: HostFingerprint,
  isAutomatic: boolean,
): Automation {
  const { path, target } = state.release;
  if (path !== undefined && target === undefined) return { kind: 'undeployed', path };
  if (!isAutomatic) return { kind: 'manual' };
  return { kind: validSnapshots(state, host).length > 0 ? 'stored' : 'bakes' };
}

/** '' where CRIU may be used. */
export function problemOfCriu({ criu }: HostFingerprint): string {
  return criu.kind === 'present' ? '' : criuProblem(criu);
}
