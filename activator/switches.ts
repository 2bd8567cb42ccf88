// Which snapshot serves, and when what runs is replaced by it: by itself once a deployed release has a snapshot, or
// because somebody chose one. Asks systemd for a reload or a restart; how that is done is the launcher's matter.

import { GrenadineError } from '../generator/config/error.js';
import {
  faultOfSnapshot,
  servable,
  validSnapshots,
  type Applications,
  type ApplicationState,
} from './applications.js';
import { serialQueues } from './bake/serial-queue.js';
import type { Systemd } from './bus/systemd.js';
import type { Host } from './host/host.js';
import type { Log } from './log.js';
import { missingRelease } from './release/missing-release.js';
import { isSameRelease } from './release/release-id.js';
import { readOutcomeFile } from './restore/outcome.js';
import type { Reports } from './restore/reports.js';
import type { Store } from './store/store.js';

export interface SwitchesTools {
  readonly applications: Applications;
  readonly systemd: Systemd;
  readonly store: Store;
  readonly host: Host;
  readonly log: Log;
  readonly reports: Reports;
  /** Looks again at what is stored and deployed of an application. */
  readonly refresh: (name: string) => Promise<void>;
}

export interface Switches {
  /**
   * Pins `id`, or releases the pin where it is '', and has that serve: by a switch where the application runs, else by a
   * start. Answers the snapshot that serves then, '' after a cold boot. If the switch fails, the pin is as it was.
   */
  readonly restore: (name: string, id: string) => Promise<string>;
  /** Switches an application that runs another release than the deployed one, if that has a snapshot. */
  readonly followDeployment: (name: string) => void;
}

const jobTimeoutMs = 120_000;
/** How long after its start or its switch a launcher may take to report it. */
const reportTimeoutMs = 2000;

export function createSwitches({ host, log, ...tools }: SwitchesTools): Switches {
  const { applications, systemd, store, reports, refresh } = tools;
  /** Two at a time would become one job of systemd's, and the second would get what the first had asked for. */
  const turnOf = serialQueues();

  /** Answers the snapshot that serves now; rejects with `switch-failed` while what ran goes on. */
  const switchNow = async (name: string): Promise<string> => {
    const reloaded = systemd.reloadUnit(`${name}.service`, jobTimeoutMs).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const report = await reports.next(name, reloaded, reportTimeoutMs);
    const failure = await reloaded;
    if (failure === undefined) {
      const outcome = report?.how === 'restored' ? report : await readOutcomeFile(name);
      return outcome?.snapshot ?? '';
    }
    const why = report?.how === 'kept' ? `${report.reason}: ${report.detail}` : failure;
    throw new GrenadineError('switch-failed', `${name} was not switched, and goes on as it was: ${why}`);
  };

  const startAnew = async (name: string): Promise<string> => {
    // The launcher reports after READY=1, which ends the job: listen before acting.
    const restarted = systemd.restart(`${name}.service`, jobTimeoutMs);
    const report = await reports.next(name, restarted, reportTimeoutMs);
    const outcome =
      report?.how === 'restored' || report?.how === 'cold' ? report : await readOutcomeFile(name);
    return outcome?.snapshot ?? '';
  };

  /** While somebody else reloads it, too: that ends, and this one follows. */
  const isRunning = async (name: string): Promise<boolean> =>
    ['active', 'reloading'].includes(await systemd.activeState(`${name}.service`));

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

  /** As it was before; what has failed since then is in quarantine. */
  const takeBackPin = async (name: string, before: string | undefined): Promise<void> => {
    const isThere = (await store.list(name)).some(({ id }) => id === before);
    if (before === undefined || !isThere) await store.unchoose(name, 'pin');
    else await store.choose(name, 'pin', before);
    await refresh(name);
  };

  /** A reload has nothing to go to; what is missing is baked by itself, or when somebody asks. */
  const mustHaveSnapshot = (name: string): void => {
    if (servable(applications.get(name), host.now()).length > 0) return;
    throw new GrenadineError(
      'no-snapshot',
      `${name} is pinned no more, and goes on as it was: of what is deployed there is no snapshot yet; grenadine bake ${name}, or boot it cold: systemctl restart ${name}`,
    );
  };

  return {
    restore: (name, id) =>
      turnOf(name).add(async () => {
        const before = await store.chosen(name, 'pin');
        const isThere = await isRunning(name);
        if (id === '') await store.unchoose(name, 'pin');
        else await pin(name, id);
        await refresh(name);
        if (!isThere) return startAnew(name);
        if (id === '') mustHaveSnapshot(name);
        // To nothing else: it would have to be switched back.
        applications.update(name, { only: id === '' ? undefined : id });
        try {
          return await switchNow(name);
        } catch (error) {
          await takeBackPin(name, before);
          throw error;
        } finally {
          applications.update(name, { only: undefined });
        }
      }),
    followDeployment: (name) => {
      const wanted = applications.find(name);
      if (wanted === undefined || !isBehind(wanted) || validSnapshots(wanted, host.now()).length === 0)
        return;
      turnOf(name)
        .add(async () => {
          // It may have been restarted while others were switched.
          const state = applications.find(name);
          if (state === undefined || !isBehind(state) || !(await isRunning(name))) return;
          const id = await switchNow(name);
          log.info(`${name}: switched to release ${state.release.id}, snapshot ${id}`, {
            ...{ kind: 'switched', application: name, snapshot: id },
          });
        })
        .catch((error: unknown) => {
          const why = error instanceof Error ? error.message : String(error);
          log.warning(`${why}; systemctl reload ${name} tries again (OnPublish=switch)`, {
            ...{ kind: 'switch-failed', application: name },
          });
        });
    },
  };
}

/** Does it run, as far as anybody knows, what is to be replaced by the deployed release without being asked? */
function isBehind({ application, started, release, snapshots, kept }: ApplicationState): boolean {
  if (application.release.onPublish !== 'switch' || snapshots.some(({ isPinned }) => isPinned)) return false;
  if (started === undefined || isSameRelease(started, release)) return false;
  // What failed once is not tried again and again beside those who are served.
  return kept === undefined || !isSameRelease(kept.release, release);
}
