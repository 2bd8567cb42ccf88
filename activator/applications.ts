// What the activator knows of every application, in memory: configuration, snapshots and their validity, the last
// outcome, the bake. The hot path is answered from here without looking anywhere else.

import type { Application } from '../generator/config/application.js';
import { fingerprintOf } from '../generator/config/fingerprint.js';
import { GrenadineError } from '../generator/config/error.js';
import type { BakeState } from './bake/bake-state.js';
import type { Circumstances, SetAside } from './explain/situation.js';
import type { ChangedFiles } from './files/changes.js';
import { judgeCriu } from './host/criu.js';
import type { HostFingerprint } from './host/differences.js';
import type { Release } from './release/release-id.js';
import { noStreak, type Streak } from './restore/crash-loop.js';
import type { Kept, Outcome } from './restore/outcome.js';
import type { StoredSnapshot } from './store/store.js';
import { describeStaleness, judge } from './store/validity.js';

export interface ApplicationState {
  readonly application: Application;
  readonly configuration: string;
  readonly release: Release;
  /** Newest first. */
  readonly snapshots: readonly StoredSnapshot[];
  /** As it was seen last, so that nobody looks while a launcher waits. */
  readonly changedFiles: ChangedFiles;
  readonly outcome: Outcome | undefined;
  /** The snapshot that was set aside last; undefined once there is a new one. */
  readonly setAside: SetAside | undefined;
  /** Of the cold boot that was taken in last; undefined where none was since the activator was started. */
  readonly circumstances: Circumstances | undefined;
  /** Restores of the same snapshot, one after the other. */
  readonly streak: Streak;
  /** The release that runs, or ran last; undefined when nobody knows: it booted while the activator was away. */
  readonly started: Release | undefined;
  /** A switch that failed since then, and the release that was deployed at the time. */
  readonly kept: { readonly report: Kept; readonly release: Release } | undefined;
  /** The one snapshot that a switch may go to, while somebody waits for that. */
  readonly only: string | undefined;
  readonly bake: BakeState;
  /** Bakes that failed one after the other. */
  readonly failedBakes: number;
}

export interface Applications {
  readonly all: () => readonly ApplicationState[];
  /** Rejects names that are not configured with `no-such-application`. */
  readonly get: (name: string) => ApplicationState;
  readonly find: (name: string) => ApplicationState | undefined;
  readonly update: (name: string, change: Partial<ApplicationState>) => void;
  /** Puts new configuration in place of the old; what is known of an application that stays is kept. */
  readonly replaceConfiguration: (applications: readonly Application[]) => void;
}

export function createApplications(): Applications {
  const states = new Map<string, ApplicationState>();
  return {
    all: () => [...states.values()],
    find: (name) => states.get(name),
    get: (name) => {
      const state = states.get(name);
      if (state === undefined)
        throw new GrenadineError(
          'no-such-application',
          `There is no application '${name}': /etc/grenadine/apps/${name}.conf is missing, or broken (see: grenadine-generator --dry-run).`,
        );
      return state;
    },
    update: (name, change) => {
      const state = states.get(name);
      if (state !== undefined) states.set(name, { ...state, ...change });
    },
    replaceConfiguration: (applications) => {
      const next = applications.map((application): ApplicationState => {
        const known = states.get(application.name);
        const configuration = fingerprintOf(application);
        if (known === undefined) return { ...unknown(application), configuration };
        return { ...known, application, configuration };
      });
      states.clear();
      for (const state of next) states.set(state.application.name, state);
    },
  };
}

function unknown(application: Application): Omit<ApplicationState, 'configuration'> {
  return {
    application,
    release: { id: '-', path: application.release.path, target: undefined },
    snapshots: [],
    changedFiles: new Map(),
    outcome: undefined,
    setAside: undefined,
    circumstances: undefined,
    streak: noStreak,
    started: undefined,
    kept: undefined,
    only: undefined,
    bake: { kind: 'idle' },
    failedBakes: 0,
  };
}

/** Why a snapshot may not serve now, in an operator's words; undefined when it may. A pinned one may be of any release. */
export function faultOfSnapshot(
  state: ApplicationState,
  snapshot: StoredSnapshot,
  host: HostFingerprint,
): string | undefined {
  const { id, manifest, isPinned, isUsed } = snapshot;
  if (isUsed) return 'a start has used it up';
  const release = isPinned ? manifest.release : state.release;
  const changes = state.changedFiles.get(id) ?? [];
  const judged = judge(manifest, { configuration: state.configuration, release, host, changes });
  return judged.kind === 'valid' ? undefined : describeStaleness(judged.why);
}

/**
 * The ids of the snapshots that may serve, the one to try first first: the pinned one, `current`, then the newest.
 * Whether CRIU is still the one that made them is left to the launcher, which looks at every start; we look only now and
 * then.
 */
export function ladder(state: ApplicationState, host: HostFingerprint): readonly string[] {
  return rungs(state, ({ manifest }) => ({ ...host, criu: judgeCriu(manifest.host.criu) }));
}

/** What is left of the ladder once the launcher has looked at CRIU, too: what the next start is restored from. */
export function servable(state: ApplicationState, host: HostFingerprint): readonly string[] {
  return rungs(state, () => host);
}

function rungs(state: ApplicationState, hostOf: (one: StoredSnapshot) => HostFingerprint): readonly string[] {
  if (!state.application.snapshot.enable) return [];
  const { only } = state;
  const rank = ({ isPinned, isCurrent }: StoredSnapshot): number => (isPinned ? 0 : isCurrent ? 1 : 2);
  return state.snapshots
    .filter((one) => faultOfSnapshot(state, one, hostOf(one)) === undefined)
    .filter(({ id }) => only === undefined || id === only)
    .toSorted((one, other) => rank(one) - rank(other))
    .map(({ id }) => id);
}

/** The snapshots of what is deployed now that may serve on the host as it is, newest first. */
export function validSnapshots(state: ApplicationState, host: HostFingerprint): readonly StoredSnapshot[] {
  return state.snapshots.filter(
    (snapshot) => faultOfSnapshot(state, { ...snapshot, isPinned: false }, host) === undefined,
  );
}

/** Of each snapshot that may not serve now, why: `ID: text`. */
export function staleness(state: ApplicationState, host: HostFingerprint): readonly string[] {
  return state.snapshots.flatMap((snapshot) => {
    const fault = faultOfSnapshot(state, snapshot, host);
    return fault === undefined ? [] : [`${snapshot.id}: ${fault}`];
  });
}
