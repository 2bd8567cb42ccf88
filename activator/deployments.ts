// What the activator does when another release is deployed: what serves where nobody can be asked is of that release, and
// a pin may go. Looks through release/; when something is baked or switched is the controller's to say.

import type { Application } from '../generator/config/application.js';
import { validSnapshots, type Applications } from './applications.js';
import { describeChanges } from './files/changes.js';
import type { Host } from './host/host.js';
import type { Later } from './later.js';
import type { Log } from './log.js';
import { isSameRelease, type Release } from './release/release-id.js';
import { openReleaseWatch } from './release/watch.js';
import type { Store } from './store/store.js';

export interface DeploymentsTools {
  readonly applications: Applications;
  readonly store: Store;
  readonly host: Host;
  readonly log: Log;
  readonly nowMs: () => number;
  readonly later: Later;
  /** Looks again at what is stored and deployed of an application. */
  readonly refresh: (name: string) => Promise<void>;
  /** Another release is deployed: what failed before deserves another try. */
  readonly renewed: (name: string) => void;
  /** A release counts as deployed, perhaps the one from before. */
  readonly follow: (name: string) => void;
}

export interface Deployments {
  readonly configure: (applications: readonly Application[]) => Promise<void>;
  /** false while a release was seen that does not count yet. */
  readonly isSettled: (name: string) => boolean;
  /** A launcher that has to do without us goes by `current`: that is of what is deployed, or there is none. */
  readonly chooseCurrent: (name: string) => Promise<void>;
}

export function openDeployments(tools: DeploymentsTools): Deployments {
  const { applications, store, host, log, refresh } = tools;

  const chooseCurrent = async (name: string): Promise<void> => {
    const state = applications.get(name);
    const current = state.snapshots.find(({ isCurrent }) => isCurrent);
    const valid = validSnapshots(state, host.now());
    const [newest] = valid;
    if (current !== undefined && valid.includes(current)) return;
    const changes = current === undefined ? undefined : state.changedFiles.get(current.id);
    if (current !== undefined && changes !== undefined)
      log.warning(`${name}: snapshot ${current.id} is stale: ${describeChanges(changes)}`, {
        ...{ kind: 'stale', application: name, snapshot: current.id },
      });
    // It sees for itself where Path= leads, but neither Trigger= nor REVISION, and no file.
    const isBlind =
      current !== undefined &&
      (changes !== undefined || isSameButForItsName(current.manifest.release, state.release));
    if (newest !== undefined) await store.choose(name, 'current', newest.id);
    else if (isBlind) await store.unchoose(name, 'current');
    else return;
    await refresh(name);
  };

  const releasePin = async (name: string): Promise<void> => {
    const { application, snapshots } = applications.get(name);
    const pinned = snapshots.find(({ isPinned }) => isPinned);
    if (pinned === undefined || application.release.pinUntil !== 'deployment') return;
    await store.unchoose(name, 'pin');
    await refresh(name);
    log.info(`${name}: no longer pinned to snapshot ${pinned.id} (PinUntil=deployment)`);
  };

  const deployed = async (name: string, release: Release, before: Release): Promise<void> => {
    if (applications.find(name) === undefined) return;
    await refresh(name);
    await chooseCurrent(name);
    if (!isSameRelease(release, before)) {
      await releasePin(name);
      const what = release.target === undefined ? 'no release' : `release ${release.id}`;
      log.info(`${name}: ${what} is deployed now`);
      tools.renewed(name);
    }
    tools.follow(name);
  };

  const watch = openReleaseWatch({
    nowMs: tools.nowMs,
    later: tools.later,
    warn: log.warning,
    // At once, so that nothing that was made for the old release is handed out while the new one settles.
    seen: (name, release) => {
      applications.update(name, { release });
    },
    settled: (name, release, before) => {
      deployed(name, release, before).catch((error: unknown) => {
        log.error(`${name}: release ${release.id} was not taken in: ${String(error)}`);
      });
    },
  });

  return {
    configure: (configured) =>
      watch.configure(new Map(configured.map(({ name, release }) => [name, release]))),
    isSettled: watch.isSettled,
    chooseCurrent,
  };
}

function isSameButForItsName(one: Release, other: Release): boolean {
  return one.id !== other.id && one.target === other.target;
}
