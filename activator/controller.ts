// What the activator does when something happens: a launcher asks or reports, systemd has reloaded, a release was
// deployed, somebody wants a bake. Holds the tools together; D-Bus (service.ts) and the process (main.ts) are outside.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Application } from '../generator/config/application.js';
import { ladder } from './applications.js';
import { createBakes, type BakesTools } from './bake/bakes.js';
import { openDeployments } from './deployments.js';
import { compareRestores } from './doctor/compare-restores.js';
import { examine } from './doctor/examine.js';
import type { Finding } from './doctor/finding.js';
import type { Host } from './host/host.js';
import type { Log } from './log.js';
import { circumstancesOf } from './prospects.js';
import { currentRelease } from './release/release-id.js';
import { createIntake } from './restore/intake.js';
import type { Kept, Outcome } from './restore/outcome.js';
import { createReports, type Reports } from './restore/reports.js';
import { createStarts } from './starts.js';
import type { StoredSnapshot } from './store/store.js';
import { createSwitches, type Switches } from './switches.js';
import { openUpgrades } from './upgrades.js';
import { createVerification, type Verification } from './verification.js';

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
  /** Bake= of grenadine.conf(5): are snapshots made by themselves? */
  readonly isAutomatic: () => boolean;
  readonly configure: (applications: readonly Application[], isAutomatic: boolean) => Promise<void>;
  /** Takes in the starts that were made while nobody took reports. */
  readonly catchUp: () => Promise<void>;
  readonly bake: (name: string) => Promise<string>;
  readonly dump: (name: string, isStopped: boolean) => Promise<string>;
  readonly restore: Switches['restore'];
  readonly verify: Verification['verify'];
  /** What the application holds once it is warm, and how a snapshot deals with it. */
  readonly examine: (name: string) => Promise<readonly Finding[]>;
  /** What two restores of one snapshot answer alike to GET `path`, or to the readiness question. */
  readonly compareRestores: (name: string, path: string | undefined) => Promise<readonly Finding[]>;
  /** The next report of a start, or undefined when none arrives within `timeoutMs` after `since` has settled. */
  readonly nextReport: Reports['next'];
  /** Resolves when nothing is under way of an application, and has nothing begin by itself: it is to be taken away. */
  readonly quiesce: (name: string) => Promise<void>;
}

const stopTimeoutMs = 120_000;

export function createController(tools: ControllerTools): Controller {
  const { applications, systemd, store, host, log } = tools;
  const reports = createReports();
  const starts = createStarts(tools);
  const intake = createIntake(sleep);
  let isAutomatic = true;

  /** `listed` is what was stored a moment ago. */
  const refresh = async (name: string, listed?: readonly StoredSnapshot[]): Promise<void> => {
    const { application } = applications.get(name);
    const snapshots = listed ?? (await store.list(name));
    await upgrades.look(name, snapshots);
    // Last, so that it does not take the place of what the watch saw meanwhile.
    const release = await currentRelease(application.release);
    applications.update(name, { snapshots, release });
  };

  /**
   * Keeps how things stood at a cold boot, and tells of what was stale where the application's own journal is read: its
   * launcher only knows that it was given none.
   */
  const tellStale = (name: string, start: Outcome): void => {
    const circumstances = circumstancesOf(applications.get(name), start, host.now());
    applications.update(name, { circumstances });
    for (const line of start.reason === 'no-snapshot' ? circumstances.stale : [])
      log.info(`${name}: not restored from snapshot ${line}`, {
        kind: 'stale',
        application: name,
        snapshot: line.slice(0, 12),
      });
  };

  const switches = createSwitches({ ...tools, reports, refresh });

  /** What is deployed is to serve: from a snapshot, which is baked if there is none. */
  const followDeployment = (name: string): void => {
    // It may have been taken away since somebody meant to come back to it.
    if (applications.find(name) === undefined) return;
    if (!deployments.isSettled(name)) return;
    switches.followDeployment(name);
    if (isAutomatic && upgrades.isSettled(name)) bakes.bakeWhatIsMissing(name);
  };

  const bakes = createBakes({ ...tools, refresh, reconsider: followDeployment });

  const deployments = openDeployments({
    ...tools,
    refresh,
    renewed: (name) => {
      const { bake } = applications.get(name);
      // What keeps changing while it is baked is no news each time.
      if (bake.kind !== 'failed' || bake.code !== 'superseded') bakes.forgive(name);
      upgrades.hurry(name);
    },
    follow: followDeployment,
  });

  const upgrades = openUpgrades({
    ...tools,
    dropStale: deployments.chooseCurrent,
    forgive: bakes.forgive,
    bakeIfWanted: followDeployment,
  });

  const verification = createVerification({
    ...tools,
    progress: (name, detail) => {
      tools.emit('BakeProgress', name, 'verifying', detail);
    },
    changed: async (name) => {
      await refresh(name);
      await deployments.chooseCurrent(name);
      followDeployment(name);
    },
  });

  /** Takes in what lies in the store, and a start that nobody has reported. What is wrong with one concerns no other. */
  const lookAt = async (name: string, missed: Outcome | undefined): Promise<void> => {
    try {
      if (missed !== undefined) await starts.takeIn(name, missed);
      const { whole, damaged } = await store.inventory(name);
      await verification.setAside(name, damaged);
      await refresh(name, whole);
      await deployments.chooseCurrent(name);
      if (missed !== undefined) await starts.recall(name, missed);
    } catch (error) {
      log.error(
        `${name}: its snapshots could not be read, and what was known of them stays: ${String(error)}`,
      );
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
      if (starts.amended(name, report)) return;
      // Before anybody who waits for the report looks.
      starts.arrived(name, report);
      reports.arrived(name, report);
      const takeIn = async (): Promise<void> => {
        // It may have been taken away since.
        if (applications.find(name) === undefined) return;
        await starts.takeIn(name, report);
        // It may be due to a host that has changed: CRIU was upgraded, say.
        if (report.how !== 'restored') await upgrades.lookAtHost();
        await refresh(name);
        if (report.how === 'cold') tellStale(name, report);
        await starts.remember(name, report);
        followDeployment(name);
      };
      // The launcher waits for no answer, so nobody else would hear of it.
      await intake.add(name, report, takeIn).catch((error: unknown) => {
        log.error(`${name}: the report of its start was not taken in: ${String(error)}`);
      });
    },
    isAutomatic: () => isAutomatic,
    configure: async (configured, automatic) => {
      isAutomatic = automatic;
      applications.replaceConfiguration(configured);
      upgrades.keep(configured.map(({ name }) => name));
      await upgrades.lookAtHost();
      await deployments.configure(configured);
      for (const { name } of configured) {
        await lookAt(name, await starts.missed(name));
        bakes.forgive(name);
        upgrades.hurry(name);
        followDeployment(name);
      }
    },
    catchUp: async () => {
      for (const { application } of applications.all()) {
        const missed = await starts.missed(application.name);
        if (missed === undefined) continue;
        await lookAt(application.name, missed);
        followDeployment(application.name);
      }
    },
    bake: bakes.bake,
    dump: async (name, isStopped) => {
      const id = await bakes.dump(name, isStopped ? 'kill' : 'leave-running');
      if (isStopped) await systemd.stop(`${name}.service`, stopTimeoutMs);
      return id;
    },
    restore: switches.restore,
    verify: verification.verify,
    examine: (name) => bakes.tryOut(name, examine),
    compareRestores: (name, path) =>
      bakes.tryOut(name, (state, bakeTools) => compareRestores(state, path, bakeTools)),
    nextReport: reports.next,
    quiesce: async (name) => {
      await intake.rest(name);
      await bakes.rest(name);
      bakes.forgive(name);
    },
  };
}
