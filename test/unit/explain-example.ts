// An application of which nothing is known yet, for those who explain one that something has happened to.

import type { Situation } from '../../activator/explain/situation.js';

export const exampleSituation: Situation = {
  name: 'web',
  outcome: undefined,
  setAside: undefined,
  snapshots: [],
  stale: [],
  next: undefined,
  isEnabled: true,
  isAutomatic: true,
  bake: { kind: 'idle' },
  restarts: 0,
  criu: '',
};
