// Keeps the store within its limits, and removes what somebody asks to be removed. What may go is decided in
// store/plan-removals.ts, what is in use is known here.

import { GrenadineError } from '../generator/config/error.js';
import type { Applications } from './applications.js';
import type { Log } from './log.js';
import { planRemovals, type Removable } from './store/plan-removals.js';
import type { Store } from './store/store.js';

export interface HousekeepingTools {
  readonly applications: Applications;
  readonly store: Store;
  readonly log: Log;
}

export interface Housekeeping {
  /** `Limit=` of grenadine.conf(5). */
  readonly setLimit: (limitBytes: number | undefined) => void;
  /** Removes what is beyond the limits, or only answers what that would be. */
  readonly prune: (isDryRun: boolean) => Promise<readonly Removable[]>;
  /** Rejects with `snapshot-in-use` for one that is current, pinned or running. */
  readonly remove: (name: string, id: string) => Promise<void>;
}

export function createHousekeeping({ applications, store, log }: HousekeepingTools): Housekeeping {
  let limitBytes: number | undefined;

  const stored = async (name: string): Promise<readonly Removable[]> => {
    const serving = applications.get(name).outcome?.snapshot;
    const snapshots = await store.list(name);
    applications.update(name, { snapshots });
    return snapshots.map(({ id, bytes, manifest, isCurrent, isPinned, isUsed }) => ({
      ...{ name, id, bytes, createdUs: manifest.createdUs },
      // One that is used up serves nobody under any name, but a process may have its memory mapped still.
      isInUse: id === serving || (!isUsed && (isCurrent || isPinned)),
      isSpent: isUsed,
    }));
  };

  /** One that cannot be read is no reason to keep what others have too much of. */
  const readable = async (name: string): Promise<readonly Removable[]> => {
    try {
      return await stored(name);
    } catch (error) {
      log.warning(`${name}: what is stored of it could not be read, ignoring: ${String(error)}`);
      return [];
    }
  };

  const removeOne = async ({ name, id }: Removable): Promise<void> => {
    await store.remove(name, id);
    applications.update(name, { snapshots: await store.list(name) });
    log.info(`${name}: removed snapshot ${id}`);
  };

  return {
    setLimit: (bytes) => {
      limitBytes = bytes;
    },
    prune: async (isDryRun) => {
      const names = applications.all().map(({ application }) => application.name);
      const all = (await Promise.all(names.map(readable))).flat();
      const keepOf = (name: string): number => applications.get(name).application.release.keep;
      const leaving = planRemovals(all, { keepOf, limitBytes });
      if (!isDryRun) for (const one of leaving) await removeOne(one);
      return leaving;
    },
    remove: async (name, id) => {
      const snapshot = (await stored(name)).find((one) => one.id === id);
      if (snapshot === undefined)
        throw new GrenadineError(
          'no-such-snapshot',
          `${name} has no snapshot ${id}; see: grenadine list ${name}`,
        );
      if (snapshot.isInUse)
        throw new GrenadineError(
          'snapshot-in-use',
          `Snapshot ${id} of ${name} is current, pinned or running.`,
        );
      await removeOne(snapshot);
    },
  };
}
