// What the activator does when something happens: a launcher asks or reports, systemd has reloaded, a release was
// deployed, somebody wants a bake. Holds the tools together; D-Bus (service.ts) and the process (main.ts) are outside.

import type { Application } from '../generator/config/application.js';
import { GrenadineError } from '../generator/config/error.js';
import { faultOfSnapshot, ladder, type ApplicationState } from './applications.js';
import { createBakes, type BakesTools } from './bake/bakes.js';
import { describeChanges } from './files/changes.js';
import type { Host } from './host/host.js';
import type { Log } from './log.js';
import { missingRelease } from './release/missing-release.js';
import { currentRelease, isSameRelease, type Release } from './release/release-id.js';
import { openReleaseWatch, type ReleaseWatch } from './release/watch.js';
import { blamesSnapshot } from './restore/explain.js';
import { readOutcomeFile, type Outcome } from './restore/outcome.js';
import { createReports } from './restore/reports.js';
import { openUpgrades } from './upgrades.js';

export interface ControllerTools extends Pick<
  BakesTools,
  'applications' | 'systemd' | 'store' | 'nowMs' | 'later' | 'emit' | 'tidy'
> {
  readonly host: Host;
  readonly log: Log;
}

export interface Controller {
  readonly activate: (name: string, configuration: string) => readonly string[];
  readonly report: (name: string, outcome: Outcome) => Promise<void>;
  readonly configure: (applications: readonly Application[], isAutomatic: boolean) => Promise<void>;
  readonly bake: (name: string) => Promise<string>;
  readonly dump: (name: string, isStopped: boolean) => Promise<string>;
  /** Pins `id`, or releases the pin where it is '', and restarts; answers the snapshot that serves then, '' after a cold boot. */
  readonly restore: (name: string, id: string) => Promise<string>;
}

const startTimeoutMs = 120_000;
/** How long after its start a launcher may take to report it. */
const reportTimeoutMs = 2000;

export function createController(tools: ControllerTools): Controller {
  const { applications, systemd, store, host, log } = tools;
  const reports = createReports();
  let isAutomatic = true;

  const refresh = async (name: string): Promise<void> => {
    const { application } = applications.get(name);
    const snapshots = await store.list(name);
    await upgrades.look(name, snapshots);
    // Last, so that it does not take the place of what the watch saw meanwhile.
    const release = await currentRelease(application.release);
    applications.update(name, { snapshots, release });
  };

  const bakeIfWanted = (name: string): void => {
    if (isAutomatic && watch.isSettled(name) && upgrades.isSettled(name)) bakes.bakeWhatIsMissing(name);
  };

  const bakes = createBakes({ ...tools, refresh, reconsider: bakeIfWanted });

  /** A launcher that has to do without us sees where Path= leads, but neither Trigger= nor REVISION, and no file. */
  const dropWhatOnlyWeKnowIsStale = async (name: string): Promise<void> => {
    const { snapshots, release, changedFiles } = applications.get(name);
    const current = snapshots.find(({ isCurrent }) => isCurrent);
    if (current === undefined) return;
    const made = current.manifest.release;
    const changes = changedFiles.get(current.id);
    if (changes !== undefined)
      log.warning(`${name}: snapshot ${current.id} is stale: ${describeChanges(changes)}`);
    else if (isSameRelease(made, release) || made.target !== release.target) return;
    await store.unchoose(name, 'current');
    await refresh(name);
  };

  const deployed = async (name: string, release: Release, before: Release): Promise<void> => {
    if (applications.find(name) === undefined) return;
    await refresh(name);
    await dropWhatOnlyWeKnowIsStale(name);
    if (!isSameRelease(release, before)) {
      log.info(
        `${name}: ${release.target === undefined ? 'no release' : `release ${release.id}`} is deployed now`,
      );
      const { bake } = applications.get(name);
      // What keeps changing while it is baked is no news each time.
      if (bake.kind !== 'failed' || bake.code !== 'superseded') bakes.forgive(name);
      upgrades.hurry(name);
    }
    bakeIfWanted(name);
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

  const upgrades = openUpgrades({
    ...tools,
    dropStale: dropWhatOnlyWeKnowIsStale,
    forgive: bakes.forgive,
    bakeIfWanted,
  });

  /** Remembers how an application came up, and takes out of service what failed on the way. */
  const takeIn = async (name: string, outcome: Outcome): Promise<void> => {
    applications.update(name, { outcome });
    const stored = (await store.list(name)).map(({ id }) => id);
    for (const { snapshot, code, text } of outcome.failed) {
      const id = snapshot === 'current' ? await store.chosen(name, 'current') : snapshot;
      if (id === undefined || !stored.includes(id) || !blamesSnapshot(code)) continue;
      log.warning(`${name}: snapshot ${id} failed to restore (${code} ${text}), set aside`);
      await store.quarantine(name, id, `${code} ${text}`);
    }
  };

  /** What cannot be read never serves, and is in no list: it is kept in quarantine, with a word in the journal. */
  const setDamagedAside = async (name: string): Promise<void> => {
    for (const { id, why } of await store.damaged(name)) {
      log.warning(`${name}: snapshot ${id} is damaged (${why}), set aside`);
      await store.quarantine(name, id, `damaged ${why}`);
    }
  };

  /** From now on `id` goes before all others, until another one is chosen. Nothing is touched if it could not serve. */
  const pin = async (name: string, id: string): Promise<void> => {
    const state = applications.get(name);
    const snapshot = state.snapshots.find((one) => one.id === id);
    if (snapshot === undefined)
      throw new GrenadineError(
        'no-such-snapshot',
        `${name} has no snapshot ${id}; see: grenadine list ${name}`,
      );
    const fault =
      faultOfSnapshot(state, { ...snapshot, isPinned: true }, host.now()) ??
      (await missingRelease(snapshot.manifest));
    if (fault !== undefined)
      throw new GrenadineError('stale-snapshot', `Snapshot ${id} of ${name} cannot serve: ${fault}`);
    await store.choose(name, 'pin', id);
  };

  return {
    activate: (name, configuration) => {
      const state = applications.find(name);
      // A unit that was generated from another configuration than the one we know boots cold, and reports it.
      return state === undefined || state.configuration !== configuration ? [] : ladder(state, host.now());
    },
    report: async (name, outcome) => {
      if (applications.find(name) === undefined) return;
      reports.arrived(name, outcome);
      await takeIn(name, outcome);
      // A cold boot may be due to a host that has changed: CRIU was upgraded, say.
      if (outcome.how === 'cold') await upgrades.lookAtHost();
      await refresh(name);
      applications.update(name, { started: releaseOf(outcome, applications.get(name)) });
      bakeIfWanted(name);
    },
    configure: async (configured, automatic) => {
      isAutomatic = automatic;
      applications.replaceConfiguration(configured);
      upgrades.keep(configured.map(({ name }) => name));
      await upgrades.lookAtHost();
      await watch.configure(new Map(configured.map(({ name, release }) => [name, release])));
      for (const { name } of configured) {
        // Of a start that nobody reported to us, the launcher has left word.
        const missed = applications.get(name).outcome === undefined ? await readOutcomeFile(name) : undefined;
        if (missed !== undefined) await takeIn(name, missed);
        await setDamagedAside(name);
        await refresh(name);
        await dropWhatOnlyWeKnowIsStale(name);
        const state = applications.get(name);
        // A cold boot may be long ago: of which release it was, nobody can tell.
        if (missed?.how === 'restored') applications.update(name, { started: releaseOf(missed, state) });
        bakes.forgive(name);
        upgrades.hurry(name);
        bakeIfWanted(name);
      }
    },
    bake: bakes.bake,
    dump: async (name, isStopped) => {
      const id = await bakes.dump(name, isStopped ? 'kill' : 'leave-running');
      if (isStopped) await systemd.stop(`${name}.service`, startTimeoutMs);
      return id;
    },
    restore: async (name, id) => {
      await refresh(name);
      if (id === '') await store.unchoose(name, 'pin');
      else await pin(name, id);
      await refresh(name);
      // The launcher reports after READY=1, which ends the job: listen before acting.
      const restarted = systemd.restart(`${name}.service`, startTimeoutMs);
      const outcome = (await reports.next(name, restarted, reportTimeoutMs)) ?? (await readOutcomeFile(name));
      return outcome?.snapshot ?? '';
    },
  };
}

/** Which release came up just now. */
function releaseOf({ snapshot }: Outcome, { snapshots, release }: ApplicationState): Release | undefined {
  return snapshot === undefined ? release : snapshots.find(({ id }) => id === snapshot)?.manifest.release;
}
