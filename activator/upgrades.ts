// What the activator does when the host changes under its snapshots: a library, an executable or CRIU was replaced. Looks
// through files/ and host/; what stale snapshots mean for a start or a bake is the controller's to say.

import type { Applications } from './applications.js';
import { serialQueue } from './bake/serial-queue.js';
import { describeChanges } from './files/changes.js';
import { openFileWatch } from './files/watch.js';
import { criuPlaces } from './host/criu.js';
import { watchCriu } from './host/criu-watch.js';
import type { Host } from './host/host.js';
import type { Later } from './later.js';
import type { Log } from './log.js';
import type { StoredSnapshot } from './store/store.js';

export interface UpgradesTools {
  readonly applications: Applications;
  readonly host: Host;
  readonly log: Log;
  readonly nowMs: () => number;
  readonly later: Later;
  /** Takes `current` away from a snapshot whose staleness the launcher cannot see. */
  readonly dropStale: (name: string) => Promise<void>;
  /** The world has changed: what failed before deserves another try. */
  readonly forgive: (name: string) => void;
  readonly bakeIfWanted: (name: string) => void;
}

export interface Upgrades {
  /** Looks at the files of the snapshots, remembers what has changed, and goes on watching these. */
  readonly look: (name: string, snapshots: readonly StoredSnapshot[]) => Promise<void>;
  /** false while an upgrade of files that the application maps seems to be under way. */
  readonly isSettled: (name: string) => boolean;
  /** Configuration or release are new: what is under way need not rest longer than the first upgrade. */
  readonly hurry: (name: string) => void;
  readonly keep: (names: readonly string[]) => void;
  /** Looks at the host again; if it is another one, everything that has no snapshot for it is baked. Never rejects. */
  readonly lookAtHost: () => Promise<void>;
}

export function openUpgrades(tools: UpgradesTools): Upgrades {
  const { applications, host, log } = tools;

  const replaced = async (name: string, stale: readonly string[]): Promise<void> => {
    const state = applications.find(name);
    if (state === undefined) return;
    for (const { id, isPinned } of state.snapshots) {
      const changes = state.changedFiles.get(id);
      if (!isPinned || changes === undefined || !stale.includes(id)) continue;
      log.warning(`${name}: snapshot ${id}, which is pinned, cannot serve: ${describeChanges(changes)}`, {
        ...{ kind: 'stale', application: name, snapshot: id },
      });
    }
    await tools.dropStale(name);
    // What is rewritten while it is baked is no news each time.
    const isRestless = state.bake.kind === 'failed' && state.bake.code === 'superseded';
    if (stale.length > 0 && !isRestless) tools.forgive(name);
    tools.bakeIfWanted(name);
  };

  host.onChanged((changes) => {
    log.info(`The host has changed: ${changes.join('; ')}`, { kind: 'host-changed' });
    for (const { application } of applications.all()) {
      tools.forgive(application.name);
      // Without a CRIU that may be used a bake could only fail.
      if (host.now().criu.kind === 'present') tools.bakeIfWanted(application.name);
    }
  });

  const lookAtHost = async (): Promise<void> => {
    await host.lookAgain().catch((error: unknown) => {
      log.warning(`The host could not be looked at: ${String(error)}, ignoring`);
    });
  };

  watchCriu({
    paths: criuPlaces,
    later: tools.later,
    warn: log.warning,
    touched: () => void lookAtHost(),
  });

  const files = openFileWatch({
    nowMs: tools.nowMs,
    later: tools.later,
    queue: serialQueue(),
    warn: log.warning,
    // At once, so that nothing that maps what was replaced is handed out while the upgrade settles.
    seen: (name, changedFiles) => {
      applications.update(name, { changedFiles });
    },
    settled: (name, stale) => {
      replaced(name, stale).catch((error: unknown) => {
        log.error(`${name}: replaced files were not taken in: ${String(error)}`);
      });
    },
  });

  return {
    look: files.look,
    isSettled: files.isSettled,
    hurry: files.hurry,
    keep: files.keep,
    lookAtHost,
  };
}
