// What the activator does when something happens: a launcher asks or reports, systemd has reloaded, somebody wants a
// bake. Holds the tools together; D-Bus (service.ts) and the process (main.ts) are outside.

import type { Application } from '../generator/config/application.js';
import { GrenadineError } from '../generator/config/error.js';
import {
  faultOfSnapshot,
  hasValidSnapshot,
  ladder,
  type Applications,
  type ApplicationState,
} from './applications.js';
import { bake, dumpRunning, type BakeTools } from './bake/bake.js';
import { mayBake, nextBake, type BakeEvent } from './bake/bake-state.js';
import type { SerialQueue } from './bake/serial-queue.js';
import type { Systemd } from './bus/systemd.js';
import type { Host } from './host/host.js';
import type { Log } from './log.js';
import { currentRelease } from './release/release-id.js';
import { blamesSnapshot } from './restore/explain.js';
import { readOutcomeFile, type Outcome } from './restore/outcome.js';
import { createReports } from './restore/reports.js';
import type { Store } from './store/store.js';

export interface ControllerTools {
  readonly applications: Applications;
  readonly systemd: Systemd;
  readonly store: Store;
  readonly queue: SerialQueue;
  readonly host: Host;
  readonly log: Log;
  readonly nowMs: () => number;
  /** Emits a signal of org.grenadine.Activator1. */
  readonly emit: (signal: 'BakeProgress' | 'Published' | 'BakeFailed', ...body: readonly string[]) => void;
}

export interface Controller {
  readonly activate: (name: string, configuration: string) => readonly string[];
  readonly report: (name: string, outcome: Outcome) => Promise<void>;
  readonly configure: (applications: readonly Application[], isAutomatic: boolean) => Promise<void>;
  readonly bake: (name: string) => Promise<string>;
  readonly dump: (name: string, isStopped: boolean) => Promise<string>;
  readonly restore: (name: string, id: string) => Promise<Outcome['how']>;
}

const startTimeoutMs = 120_000;
/** How long after its start a launcher may take to report it. */
const reportTimeoutMs = 2000;

export function createController(tools: ControllerTools): Controller {
  const { applications, systemd, store, host, log } = tools;
  const underWay = new Map<string, Promise<string>>();
  const reports = createReports();
  let isAutomatic = true;

  const refresh = async (name: string): Promise<void> => {
    const { application } = applications.get(name);
    const [snapshots, release] = await Promise.all([
      store.list(name),
      currentRelease(application.release.path),
    ]);
    applications.update(name, { snapshots, release });
  };

  const step = (name: string, event: BakeEvent): void => {
    const state = applications.find(name);
    if (state !== undefined) applications.update(name, { bake: nextBake(state.bake, event) });
  };

  const makeSnapshot = (
    name: string,
    make: (state: ApplicationState, bakeTools: BakeTools) => Promise<string>,
  ): Promise<string> => {
    const already = underWay.get(name);
    if (already !== undefined) return already;
    step(name, { kind: 'queued' });
    const made = tools.queue
      .add(async () => {
        await Promise.all([refresh(name), host.lookAgain()]);
        if (host.now().criu === undefined)
          throw new GrenadineError(
            'no-criu',
            'CRIU is not installed, or does not run; install criu 4.2 or newer.',
          );
        return make(applications.get(name), {
          ...tools,
          host: host.now(),
          progress: (phase, detail) => {
            step(name, { kind: 'progress', phase, detail });
            tools.emit('BakeProgress', name, phase, detail);
          },
          warn: log.warning,
        });
      })
      .then(
        async (id) => {
          underWay.delete(name);
          applications.update(name, { failedBakes: 0 });
          step(name, { kind: 'published' });
          await refresh(name);
          log.info(`${name}: published snapshot ${id}`);
          tools.emit('Published', name, id);
          return id;
        },
        (error: unknown) => {
          underWay.delete(name);
          throw bakeFailed(name, error);
        },
      );
    underWay.set(name, made);
    return made;
  };

  const bakeFailed = (name: string, error: unknown): GrenadineError => {
    const code = error instanceof GrenadineError ? error.code : 'internal';
    const message = error instanceof Error ? error.message : String(error);
    const attempts = (applications.find(name)?.failedBakes ?? 0) + 1;
    applications.update(name, { failedBakes: attempts });
    step(name, { kind: 'failed', code, message, attempts, nowMs: tools.nowMs() });
    log.error(`${name}: no snapshot was made (${code}): ${message}`);
    tools.emit('BakeFailed', name, code, message);
    return new GrenadineError('bake-failed', `No snapshot of ${name} was made (${code}): ${message}`, {
      cause: error,
    });
  };

  /** Bakes what has no snapshot that may serve; failures are logged where they happen. */
  const bakeWhatIsMissing = (name: string): void => {
    const state = applications.find(name);
    if (!isAutomatic || state === undefined || !state.application.snapshot.enable) return;
    if (hasValidSnapshot(state, host.now()) || !mayBake(state.bake, tools.nowMs())) return;
    makeSnapshot(name, bake).catch(() => undefined);
  };

  /** Remembers how an application came up, and takes out of service what failed on the way. */
  const takeIn = async (name: string, outcome: Outcome): Promise<void> => {
    applications.update(name, { outcome });
    const stored = (await store.list(name)).map(({ id }) => id);
    for (const { snapshot, code, text } of outcome.failed) {
      const id = snapshot === 'current' ? await store.current(name) : snapshot;
      if (id === undefined || !stored.includes(id) || !blamesSnapshot(code)) continue;
      log.warning(`${name}: snapshot ${id} failed to restore (${code} ${text}), set aside`);
      await store.quarantine(name, id, `${code} ${text}`);
    }
  };

  const refuseDisabled = (name: string): void => {
    if (!applications.get(name).application.snapshot.enable)
      throw new GrenadineError('snapshots-disabled', `${name} has Enable=no in [Snapshot].`);
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
      if (outcome.how === 'cold') await host.lookAgain();
      await refresh(name);
      bakeWhatIsMissing(name);
    },
    configure: async (configured, automatic) => {
      isAutomatic = automatic;
      applications.replaceConfiguration(configured);
      for (const { name } of configured) {
        // Of a start that nobody reported to us, the launcher has left word.
        const missed = applications.get(name).outcome === undefined ? await readOutcomeFile(name) : undefined;
        if (missed !== undefined) await takeIn(name, missed);
        await refresh(name);
        step(name, { kind: 'changed' });
        bakeWhatIsMissing(name);
      }
    },
    bake: (name) => {
      refuseDisabled(name);
      return makeSnapshot(name, bake);
    },
    dump: (name, isStopped) => {
      refuseDisabled(name);
      return makeSnapshot(name, async (state, bakeTools) => {
        const id = await dumpRunning(state, isStopped ? 'kill' : 'leave-running', bakeTools);
        if (isStopped) await systemd.stop(`${name}.service`, startTimeoutMs);
        return id;
      });
    },
    restore: async (name, id) => {
      await refresh(name);
      const state = applications.get(name);
      const snapshot = id === '' ? state.snapshots[0] : state.snapshots.find((one) => one.id === id);
      if (snapshot === undefined)
        throw new GrenadineError(
          'no-such-snapshot',
          `${name} has no snapshot ${id}; see: grenadine list ${name}`,
        );
      const fault = faultOfSnapshot(state, snapshot, host.now());
      if (fault !== undefined)
        throw new GrenadineError(
          'stale-snapshot',
          `Snapshot ${snapshot.id} of ${name} cannot serve: ${fault}`,
        );
      await store.makeCurrent(name, snapshot.id);
      await refresh(name);
      // The launcher reports after READY=1, which ends the job: listen before acting.
      const restarted = systemd.restart(`${name}.service`, startTimeoutMs);
      const outcome = (await reports.next(name, restarted, reportTimeoutMs)) ?? (await readOutcomeFile(name));
      return outcome?.how ?? 'cold';
    },
  };
}
