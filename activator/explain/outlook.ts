// Words for an operator: what the next starts will be like, and what has to be done for that. Pure.

import type { BakeState } from '../bake/bake-state.js';
import type { Situation } from './situation.js';

type Prospect = Pick<Situation, 'name' | 'next' | 'isEnabled' | 'isAutomatic' | 'bake' | 'criu'>;

/** What becomes of the snapshots, in one sentence or two. */
export function outlook(prospect: Prospect): string {
  const { name, next, isEnabled, criu } = prospect;
  if (!isEnabled) return 'Snapshots are switched off (Enable=no): each start is a cold boot.';
  if (criu !== '') {
    const anew = prospect.isAutomatic
      ? 'a new one is baked by itself'
      : `make a new one: grenadine bake ${name}`;
    return `Until then each start is a cold boot. Then: grenadine doctor. With the very CRIU that made them the snapshots serve again; with another, ${anew}.`;
  }
  if (prospect.bake === undefined) return 'Without the activator no snapshot is baked.';
  if (next !== undefined && prospect.bake.kind === 'idle') return `Starts go on from ${next}.`;
  const starts =
    next === undefined ? 'Until there is one, each start is a cold boot.' : `Starts go on from ${next}.`;
  return `${bakeOutlook(prospect.bake, prospect)} ${starts}`;
}

function bakeOutlook(bake: BakeState, { name, isAutomatic }: Prospect): string {
  switch (bake.kind) {
    case 'queued':
      return 'A new snapshot is about to be baked.';
    case 'running':
      return `A new snapshot is being baked (${[bake.phase, bake.detail].filter((word) => word !== '').join(' ')}).`;
    case 'failed':
      return `The last bake failed; ${nextAttempt(bake, name, isAutomatic)}.`;
    case 'idle':
      return isAutomatic
        ? 'A new snapshot is baked by itself.'
        : `Nothing bakes a new snapshot by itself (Bake=manual); make one: grenadine bake ${name}.`;
  }
}

/** When a failed bake is tried again, as part of a sentence. */
export function nextAttempt(
  { retryAtMs }: Extract<BakeState, { kind: 'failed' }>,
  name: string,
  isAutomatic: boolean,
): string {
  if (!isAutomatic) return `nothing tries it again by itself (Bake=manual): grenadine bake ${name}`;
  if (retryAtMs === undefined) return `it is not tried again by itself: grenadine doctor ${name}`;
  return `it is tried again at ${clock(retryAtMs)}, or now: grenadine bake ${name}`;
}

/** The hour of the host's own time, which the journal shows, too. */
function clock(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}
