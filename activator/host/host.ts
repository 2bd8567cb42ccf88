// The host as it was when somebody last looked. The hot path reads it; a cold boot and a bake are reasons to look again,
// for CRIU may have been installed, replaced or removed meanwhile.

import type { HostFingerprint } from './differences.js';

export interface Host {
  readonly now: () => HostFingerprint;
  readonly lookAgain: () => Promise<void>;
}

export async function openHost(look: () => Promise<HostFingerprint>): Promise<Host> {
  let seen = await look();
  return {
    now: () => seen,
    lookAgain: async () => {
      seen = await look();
    },
  };
}
