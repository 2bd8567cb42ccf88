// An application of which nothing is known yet, for those who explain one that something has happened to.

import type { Situation } from '../../activator/explain/situation.js';

export const exampleSituation: Situation = {
  name: 'web',
  outcome: undefined,
  circumstances: undefined,
  setAside: undefined,
  snapshots: [],
  next: undefined,
  isEnabled: true,
  automation: { kind: 'bakes' },
  bake: { kind: 'idle' },
  isActive: true,
  restarts: 0,
  criu: '',
};
