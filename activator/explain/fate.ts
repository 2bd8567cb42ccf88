// Words for an operator: what became of a snapshot that is to blame for a cold boot, and of those to come. Pure.

import type { BakeState } from '../bake/bake-state.js';
import { blamesSnapshot } from '../restore/blame.js';
import { bakeOutlook, outlook } from './outlook.js';
import type { SetAside, Situation } from './situation.js';

export function fate(boot: Situation): string {
  const { outcome, circumstances, setAside, snapshots, bake } = boot;
  if (bake === undefined)
    return 'Unless the activator had set the snapshot aside before it went, the next start tries it again.';
  const failed = outcome?.failed.filter(({ code }) => blamesSnapshot(code)) ?? [];
  const blamed = failed.map(({ snapshot }) => snapshot);
  if (setAside !== undefined && setAside.failure !== '' && blamed.includes(setAside.snapshot))
    return stuck(boot, setAside, bake);
  const isThere = blamed.some((id) => snapshots.includes(id) && setAside?.snapshot !== id);
  const became = !isThere ? 'was' : circumstances === undefined ? 'is being' : 'could not be';
  return `The snapshot ${became} set aside. ${outlook(boot)}`;
}

/** Of one that could not be set aside. While it counts as one that fits, no other one is baked in its place. */
function stuck(boot: Situation, { snapshot, failure }: SetAside, bake: BakeState): string {
  const { name, snapshots, next, automation } = boot;
  if (!snapshots.includes(snapshot))
    return `Snapshot ${snapshot} serves no more, but could not be moved (${failure}). ${outlook(boot)}`;
  const failed = `Snapshot ${snapshot} could not be set aside (${failure})`;
  if (next !== snapshot) return `${failed}. ${outlook(boot)}`;
  return `${failed}: the next start tries it again. First: findmnt -T /var/lib/grenadine/${name}; journalctl -k. ${bakeOutlook(bake, name, automation)}`;
}
