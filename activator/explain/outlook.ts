// Words for an operator: what the next starts will be like, and what has to be done for that. Pure.

import type { BakeState } from '../bake/bake-state.js';
import type { Automation, Situation } from './situation.js';

type Prospect = Pick<Situation, 'name' | 'next' | 'isEnabled' | 'automation' | 'bake' | 'criu'>;

/** What becomes of the snapshots, in one sentence or two. */
export function outlook(prospect: Prospect): string {
  const { name, next, isEnabled, criu, automation, bake } = prospect;
  if (!isEnabled) return 'Snapshots are switched off (Enable=no): each start is a cold boot.';
  if (criu !== '')
    return `Install CRIU 4.2 or newer; until then each start is a cold boot. Then: grenadine doctor. With the very CRIU that made them the snapshots serve again; with another, ${anew(name, automation)}.`;
  if (bake === undefined) return 'Without the activator no snapshot is baked.';
  if (next !== undefined && bake.kind === 'idle') return `Starts go on from ${next}.`;
  const starts =
    next === undefined ? 'Until there is one, each start is a cold boot.' : `Starts go on from ${next}.`;
  return `${bakeOutlook(bake, name, automation)} ${starts}`;
}

/** Whether there will be another snapshot, as a sentence. */
export function bakeOutlook(bake: BakeState, name: string, automation: Automation): string {
  switch (bake.kind) {
    case 'queued':
      return 'A new snapshot is about to be baked.';
    case 'running':
      return `A new snapshot is being baked (${[bake.phase, bake.detail].filter((word) => word !== '').join(' ')}).`;
    case 'failed':
      return `The last bake failed; ${nextAttempt(bake, name, automation)}.`;
    case 'idle':
      return idleOutlook(name, automation);
  }
}

function idleOutlook(name: string, automation: Automation): string {
  switch (automation.kind) {
    case 'bakes':
      return 'A new snapshot is baked by itself.';
    case 'manual':
      return `Nothing bakes a new snapshot by itself (Bake=manual); make one: grenadine bake ${name}.`;
    case 'undeployed':
      return `${undeployedText(automation)}.`;
    case 'stored':
      return `Nothing bakes a new snapshot by itself while one that fits is stored; make one: grenadine bake ${name}.`;
  }
}

/** With another CRIU, as part of a sentence. */
function anew(name: string, automation: Automation): string {
  switch (automation.kind) {
    case 'bakes':
      return 'a new one is baked by itself';
    case 'undeployed':
      return undeployedText(automation);
    case 'manual':
    case 'stored':
      return `make a new one: grenadine bake ${name}`;
  }
}

/** When a failed bake is tried again, as part of a sentence. */
export function nextAttempt(
  { retryAtMs }: Extract<BakeState, { kind: 'failed' }>,
  name: string,
  automation: Automation,
): string {
  switch (automation.kind) {
    case 'manual':
      return `nothing tries it again by itself (Bake=manual): grenadine bake ${name}`;
    case 'undeployed':
      return `it is not tried again by itself: ${undeployedText(automation)}`;
    case 'stored':
      return `it is not tried again by itself, for a snapshot that fits is stored: grenadine bake ${name}`;
    case 'bakes':
      return retryAtMs === undefined
        ? `it is not tried again by itself: grenadine doctor ${name}`
        : `it is tried again at ${clock(retryAtMs)}, or now: grenadine bake ${name}`;
  }
}

/** Why an application of which nothing is deployed gets no snapshot. */
export function undeployedText({ path }: Extract<Automation, { kind: 'undeployed' }>): string {
  return `Path= (${path}) leads nowhere, so nothing is deployed, and no snapshot is baked before something is`;
}

/** The hour of the host's own time, which the journal shows, too. */
function clock(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}
