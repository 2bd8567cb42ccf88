// The host as it was when somebody last looked. The hot path reads it; a cold boot and a bake are reasons to look again,
// for CRIU may have been installed, replaced or removed meanwhile.

import { changesOf, type HostFingerprint } from './differences.js';

export interface Host {
  readonly now: () => HostFingerprint;
  readonly lookAgain: () => Promise<void>;
  /** Calls back whenever somebody's look finds another host than the one before, with what is another. */
  readonly onChanged: (listener: (changes: readonly string[]) => void) => void;
}

export async function openHost(look: () => Promise<HostFingerprint>): Promise<Host> {
  let seen = await look();
  const listeners: ((changes: readonly string[]) => void)[] = [];
  return {
    now: () => seen,
    lookAgain: async () => {
      const before = seen;
      seen = await look();
      const changes = changesOf(before, seen);
      if (changes.length > 0) for (const listener of listeners) listener(changes);
    },
    onChanged: (listener) => {
      listeners.push(listener);
    },
  };
}
