// What the activator does when something happens: a launcher asks or reports, systemd has reloaded, a release was
// deployed, somebody wants a bake. Holds the tools together; D-Bus (service.ts) and the process (main.ts) are outside.

import type { Application } from '../generator/config/application.js';
import { ladder, validSnapshots, type ApplicationState } from './applications.js';
import { createBakes, type BakesTools } from './bake/bakes.js';
import type { Host } from './host/host.js';
import type { Log } from './log.js';
import { currentRelease, isSameRelease, type Release } from './release/release-id.js';
import { openReleaseWatch, type ReleaseWatch } from './release/watch.js';
import { blamesSnapshot } from './restore/explain.js';
import { readOutcomeFile, type Kept, type Outcome } from './restore/outcome.js';
import { createReports } from './restore/reports.js';
import { recallStarted, rememberStarted } from './restore/started.js';
import { createSwitches, type Switches } from './switches.js';

export interface ControllerTools extends Pick<
  BakesTools,
  'applications' | 'systemd' | 'store' | 'nowMs' | 'later' | 'emit' | 'tidy'
> {
  readonly host: Host;
  readonly log: Log;
}

export interface Controller {
  readonly activate: (name: string, configuration: string) => readonly string[];
  readonly report: (name: string, report: Outcome | Kept) => Promise<void>;
  readonly configure: (applications: readonly Application[], isAutomatic: boolean) => Promise<void>;
  readonly bake: (name: string) => Promise<string>;
  readonly dump: (name: string, isStopped: boolean) => Promise<string>;
  readonly restore: Switches['restore'];
}

const stopTimeoutMs = 120_000;

export function createController(tools: ControllerTools): Controller {
  const { applications, systemd, store, host, log } = tools;
  const reports = createReports();
  let isAutomatic = true;

  const refresh = async (name: string): Promise<void> => {
    const { application } = applications.get(name);
    const snapshots = await store.list(name);
    // Last, so that it does not take the place of what the watch saw meanwhile.
    const release = await currentRelease(application.release);
    applications.update(name, { snapshots, release });
  };

  const switches = createSwitches({ ...tools, reports, refresh });

  /** What is deployed is to serve: from a snapshot, which is baked if there is none. */
  const followDeployment = (name: string): void => {
    if (!watch.isSettled(name)) return;
    switches.followDeployment(name);
    if (isAutomatic) bakes.bakeWhatIsMissing(name);
  };

  const bakes = createBakes({ ...tools, refresh, reconsider: followDeployment });

  /** A launcher that has to do without us goes by `current`: that is of what is deployed, or there is none. */
  const chooseCurrent = async (name: string): Promise<void> => {
    const state = applications.get(name);
    const current = state.snapshots.find(({ isCurrent }) => isCurrent);
    const valid = validSnapshots(state, host.now());
    const [newest] = valid;
    if (current !== undefined && valid.includes(current)) return;
    if (newest !== undefined) await store.choose(name, 'current', newest.id);
    // It sees for itself where Path= leads, but neither Trigger= nor REVISION.
    else if (current !== undefined && isSameButForItsName(current.manifest.release, state.release))
      await store.unchoose(name, 'current');
    else return;
    await refresh(name);
  };

  const deployed = async (name: string, release: Release, before: Release): Promise<void> => {
    if (applications.find(name) === undefined) return;
    const isNew = !isSameRelease(release, before);
    await refresh(name);
    await chooseCurrent(name);
    if (isNew) await releasePin(name);
    if (isNew) {
      log.info(
        `${name}: ${release.target === undefined ? 'no release' : `release ${release.id}`} is deployed now`,
      );
      const { bake } = applications.get(name);
      // What keeps changing while it is baked is no news each time.
      if (bake.kind !== 'failed' || bake.code !== 'superseded') bakes.forgive(name);
    }
    followDeployment(name);
  };

  const releasePin = async (name: string): Promise<void> => {
    const { application, snapshots } = applications.get(name);
    const pinned = snapshots.find(({ isPinned }) => isPinned);
    if (pinned === undefined || application.release.pinUntil !== 'deployment') return;
    await store.unchoose(name, 'pin');
    await refresh(name);
    log.info(`${name}: no longer pinned to snapshot ${pinned.id} (PinUntil=deployment)`);
  };

  const watch: ReleaseWatch = openReleaseWatch({
    ...tools,
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

  /** Takes out of service what failed on the way. */
  const setFailedAside = async (name: string, { failed }: Outcome | Kept): Promise<void> => {
    const stored = (await store.list(name)).map(({ id }) => id);
    for (const { snapshot, code, text } of failed) {
      const id = snapshot === 'current' ? await store.chosen(name, 'current') : snapshot;
      if (id === undefined || !stored.includes(id) || !blamesSnapshot(code)) continue;
      log.warning(`${name}: snapshot ${id} failed to restore (${code} ${text}), set aside`);
      await store.quarantine(name, id, `${code} ${text}`);
    }
  };

  const start = (name: string, outcome: Outcome): void => {
    const state = applications.get(name);
    const started = outcome.how === 'cold' ? state.release : madeOf(outcome, state);
    applications.update(name, { outcome, started, kept: undefined });
  };

  const remember = async (name: string, outcome: Outcome): Promise<void> => {
    // A cold boot was of what is deployed, as far as that had been looked at.
    start(name, outcome);
    const { started } = applications.get(name);
    if (started === undefined) return;
    await rememberStarted(name, outcome, started).catch((error: unknown) => {
      log.warning(`${name}: which release runs could not be written down: ${String(error)}, ignoring`);
    });
  };

  /** The start may be long ago: another release may be deployed by now. */
  const recall = async (name: string, outcome: Outcome): Promise<void> => {
    const made = madeOf(outcome, applications.get(name));
    applications.update(name, { outcome, started: made ?? (await recallStarted(name, outcome)) });
  };

  const keep = (name: string, report: Kept): void => {
    // Who stops the service ends the switch, and that is all there is to it.
    if (report.reason === 'stopping') return;
    const { release } = applications.get(name);
    applications.update(name, { kept: { report, release } });
  };

  /** What cannot be read never serves, and is in no list: it is kept in quarantine, with a word in the journal. */
  const setDamagedAside = async (name: string): Promise<void> => {
    for (const { id, why } of await store.damaged(name)) {
      log.warning(`${name}: snapshot ${id} is damaged (${why}), set aside`);
      await store.quarantine(name, id, `damaged ${why}`);
    }
  };

  return {
    activate: (name, configuration) => {
      const state = applications.find(name);
      // A unit that was generated from another configuration than the one we know boots cold, and reports it.
      return state === undefined || state.configuration !== configuration ? [] : ladder(state, host.now());
    },
    report: async (name, report) => {
      if (applications.find(name) === undefined) return;
      // Before anybody who waits for the report looks.
      if (report.how !== 'kept') start(name, report);
      reports.arrived(name, report);
      await setFailedAside(name, report);
      // It may be due to a host that has changed: CRIU was upgraded, say.
      if (report.how !== 'restored') await host.lookAgain();
      await refresh(name);
      if (report.how === 'kept') keep(name, report);
      else await remember(name, report);
      followDeployment(name);
    },
    configure: async (configured, automatic) => {
      isAutomatic = automatic;
      applications.replaceConfiguration(configured);
      await watch.configure(new Map(configured.map(({ name, release }) => [name, release])));
      for (const { name } of configured) {
        // Of a start that nobody reported to us, the launcher has left word.
        const missed = applications.get(name).outcome === undefined ? await readOutcomeFile(name) : undefined;
        if (missed !== undefined) await setFailedAside(name, missed);
        await setDamagedAside(name);
        await refresh(name);
        await chooseCurrent(name);
        if (missed !== undefined) await recall(name, missed);
        bakes.forgive(name);
        followDeployment(name);
      }
    },
    bake: bakes.bake,
    dump: async (name, isStopped) => {
      const id = await bakes.dump(name, isStopped ? 'kill' : 'leave-running');
      if (isStopped) await systemd.stop(`${name}.service`, stopTimeoutMs);
      return id;
    },
    restore: switches.restore,
  };
}

function isSameButForItsName(one: Release, other: Release): boolean {
  return one.id !== other.id && one.target === other.target;
}

/** Which release the snapshot was made of that serves; undefined after a cold boot. */
function madeOf({ snapshot }: Outcome, { snapshots }: ApplicationState): Release | undefined {
  return snapshots.find(({ id }) => id === snapshot)?.manifest.release;
}
