// Watches what is deployed of every application: looks whenever there is a hint, tells at once what was seen, and a
// moment later, when it has stayed that way, that it counts. Decides nothing about snapshots.

import type { Later } from '../later.js';
import { openHints, type Hint } from './hints.js';
import { placesOf, type Place } from './places.js';
import { isSameRelease, lookAtRelease, type Release, type ReleaseSource } from './release-id.js';
import { nextSettle, settleDueMs, type SettleState } from './settle.js';

export interface Deployment extends ReleaseSource {
  readonly settleMs: number;
}

export interface ReleaseWatchTools {
  readonly nowMs: () => number;
  readonly later: Later;
  readonly warn: (message: string) => void;
  /** Another release than at the last look; it may be half copied. */
  readonly seen: (name: string, release: Release) => void;
  /** `release` has been the same for SettleSec=; `before` is what counted until now, perhaps the same. */
  readonly settled: (name: string, release: Release, before: Release) => void;
}

export interface ReleaseWatch {
  /** Puts new configuration in place of the old; what did not change is watched on. What is there then counts. */
  readonly configure: (deployments: ReadonlyMap<string, Deployment>) => Promise<void>;
  /** false while a release was seen that does not count yet. */
  readonly isSettled: (name: string) => boolean;
  readonly close: () => Promise<void>;
}

interface Watched {
  readonly deployment: Deployment;
  readonly places: () => readonly Place[];
  readonly isSettled: () => boolean;
  /** Now, or again if a look is under way; answers when the last one is over. */
  readonly look: () => Promise<void>;
  readonly close: () => void;
}

export function openReleaseWatch(tools: ReleaseWatchTools): ReleaseWatch {
  const watched = new Map<string, Watched>();
  const hints = openHints(
    (hint) => {
      for (const one of watched.values()) if (isAbout(hint, one.places())) void one.look();
    },
    (message) => {
      tools.warn(`${message}, ignoring: a new release there is noticed at the next start`);
    },
  );
  const follow = (): void => {
    hints.follow([...watched.values()].flatMap((one) => one.places().map(({ directory }) => directory)));
  };

  return {
    configure: async (deployments) => {
      for (const [name, one] of watched) {
        const deployment = deployments.get(name);
        if (deployment !== undefined && isSameDeployment(deployment, one.deployment)) continue;
        one.close();
        watched.delete(name);
      }
      const fresh: Watched[] = [];
      for (const [name, deployment] of deployments) {
        if (watched.has(name) || (deployment.path ?? deployment.trigger) === undefined) continue;
        const one = watchOne(name, deployment, follow, tools);
        watched.set(name, one);
        fresh.push(one);
      }
      await Promise.all(fresh.map((one) => one.look()));
      follow();
    },
    isSettled: (name) => watched.get(name)?.isSettled() ?? true,
    close: async () => {
      for (const one of watched.values()) one.close();
      watched.clear();
      await hints.close();
    },
  };
}

function watchOne(
  name: string,
  deployment: Deployment,
  follow: () => void,
  { nowMs, later, warn, seen, settled }: ReleaseWatchTools,
): Watched {
  const { settleMs } = deployment;
  let places: readonly Place[] = [];
  let state: SettleState | undefined;
  let isClosed = false;
  let isAskedAgain = false;
  let underWay: Promise<void> | undefined;
  let forget = (): void => undefined;

  const lookOnce = async (): Promise<void> => {
    const sighting = await lookAtRelease(deployment);
    const found = await placesOf(deployment, sighting.release.target);
    if (isClosed) return;
    places = found;
    const before = state;
    state =
      before === undefined ? { kind: 'settled', sighting } : nextSettle(before, sighting, nowMs(), settleMs);
    forget();
    const dueMs = settleDueMs(state, settleMs);
    if (dueMs !== undefined) forget = later(Math.max(1, Math.ceil(dueMs - nowMs()) + 1), () => void look());
    // The first look is made by configure(), which then follows the places of all.
    if (before === undefined) return;
    follow();
    if (!isSameRelease(before.sighting.release, sighting.release)) seen(name, sighting.release);
    if (before.kind === 'moving' && state.kind === 'settled') {
      settled(name, sighting.release, before.before.release);
    }
  };

  const lookWhileAsked = async (): Promise<void> => {
    while (isAskedAgain && !isClosed) {
      isAskedAgain = false;
      await lookOnce().catch((error: unknown) => {
        warn(`${name}: what is deployed could not be looked at: ${String(error)}, ignoring`);
      });
    }
    underWay = undefined;
  };

  const look = (): Promise<void> => {
    isAskedAgain = true;
    underWay ??= lookWhileAsked();
    return underWay;
  };

  return {
    deployment,
    places: () => places,
    isSettled: () => state?.kind !== 'moving',
    look,
    close: () => {
      isClosed = true;
      forget();
    },
  };
}

function isAbout(hint: Hint, places: readonly Place[]): boolean {
  return places.some(
    ({ directory, name }) =>
      directory === hint.directory &&
      (hint.name === undefined || (name === undefined ? hint.isEntry : name === hint.name)),
  );
}

function isSameDeployment(one: Deployment, other: Deployment): boolean {
  return one.path === other.path && one.trigger === other.trigger && one.settleMs === other.settleMs;
}
