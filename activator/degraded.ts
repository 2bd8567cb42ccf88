// Whether an application does without what it was set up for: no snapshot may serve, and none could be made, so that each
// start is a cold boot. Pure.

import { servable, staleness, type ApplicationState } from './applications.js';
import { undeployedText } from './explain/outlook.js';
import { bakeProblem, namespaceProblem } from './explain/problems.js';
import type { HostFingerprint } from './host/differences.js';
import { automationOf, problemOfCriu } from './prospects.js';

/** The reason, in an operator's words; '' where it is not so, or where nobody has tried yet. */
export function degradedBy(state: ApplicationState, host: HostFingerprint, isAutomatic: boolean): string {
  if (!state.application.snapshot.enable) return '';
  const criu = problemOfCriu(host);
  if (criu !== '') return criu;
  const plain = namespaceProblem(state.outcome);
  if (plain !== '') return plain;
  if (state.outcome?.reason === 'host-refused') return 'the host refuses what a restore takes';
  if (servable(state, host).length > 0) return '';
  const automation = automationOf(state, host, isAutomatic);
  if (automation.kind === 'undeployed') return undeployedText(automation);
  if (state.bake.kind === 'failed') return bakeProblem(state.bake, state.application.name, automation);
  if (state.failedBakes > 0) return 'the last bake failed, and another one is under way';
  // Who bakes by hand is told when there is something to do.
  return isAutomatic ? '' : loss(state, host);
}

/** What has become of the snapshots; '' where there were none. */
function loss(state: ApplicationState, host: HostFingerprint): string {
  const manual = 'and none is baked by itself (Bake=manual)';
  if (state.snapshots.length > 0)
    return `no snapshot fits any more (${staleness(state, host).join('; ')}), ${manual}`;
  if (state.setAside !== undefined) return `the last snapshot was set aside, ${manual}`;
  const isGone = state.outcome?.failed.some(({ code }) => code === 'no-snapshot') === true;
  return isGone ? `the stored snapshots are gone, ${manual}` : '';
}
