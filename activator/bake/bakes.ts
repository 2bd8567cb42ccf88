// All bakes of all applications: one at a time, each application's at most once at a time, failures remembered. What a
// bake does is in bake.ts; when one is wanted is the controller's to say.

import { GrenadineError } from '../../generator/config/error.js';
import { validSnapshots, type Applications, type ApplicationState } from '../applications.js';
import { withCause } from '../doctor/criu-causes.js';
import { criuProblem } from '../host/criu.js';
import type { Host } from '../host/host.js';
import type { Later } from '../later.js';
import type { Log } from '../log.js';
import { isSameRelease } from '../release/release-id.js';
import { bake, dumpRunning, type BakeTools } from './bake.js';
import { mayBake, nextBake, type BakeEvent } from './bake-state.js';
import { serialQueue } from './serial-queue.js';

export interface BakesTools extends Pick<BakeTools, 'systemd' | 'store' | 'nowMs'> {
  readonly applications: Applications;
  readonly host: Host;
  readonly log: Log;
  /** Looks again at what is stored and deployed of an application. */
  readonly refresh: (name: string) => Promise<void>;
  /** Removes what has become too much. */
  readonly tidy: () => Promise<unknown>;
  readonly later: Later;
  /** Called whenever a bake has ended, or its pause after a failure: is another one wanted? */
  readonly reconsider: (name: string) => void;
  /** Emits a signal of org.grenadine.Activator1. */
  readonly emit: (signal: 'BakeProgress' | 'Published' | 'BakeFailed', ...body: readonly string[]) => void;
}

export interface Bakes {
  /** Each answers the id of the published snapshot, and joins what is under way; rejects with `bake-failed`. */
  readonly bake: (name: string) => Promise<string>;
  readonly dump: (name: string, after: 'leave-running' | 'kill') => Promise<string>;
  /** Runs something like a bake that publishes nothing, in turn with the bakes, and remembers nothing of it. */
  readonly tryOut: <T>(
    name: string,
    work: (state: ApplicationState, bakeTools: BakeTools) => Promise<T>,
  ) => Promise<T>;
  /**
   * Bakes an application that has no snapshot that may serve, unless nothing is deployed, or it failed a moment ago.
   * Failures are logged.
   */
  readonly bakeWhatIsMissing: (name: string) => void;
  /** Resolves when what is under way of it has ended, however. */
  readonly rest: (name: string) => Promise<void>;
  /** Configuration or release are new: what failed before deserves another try, at once. */
  readonly forgive: (name: string) => void;
}

/** A release that keeps changing while it is baked, for the bake itself writes to it, say, has failed after that many. */
const mostSuperseded = 3;

export function createBakes(tools: BakesTools): Bakes {
  const { applications, host, log } = tools;
  const underWay = new Map<string, Promise<string>>();
  const queue = serialQueue();
  /** What takes back the timer of the next attempt. */
  const retries = new Map<string, () => void>();
  /** Bakes that were superseded one after the other. */
  const superseded = new Map<string, number>();

  const step = (name: string, event: BakeEvent): void => {
    const state = applications.find(name);
    if (state !== undefined) applications.update(name, { bake: nextBake(state.bake, event) });
  };

  const make = (
    name: string,
    how: (state: ApplicationState, bakeTools: BakeTools) => Promise<string>,
  ): Promise<string> => {
    if (!applications.get(name).application.snapshot.enable)
      throw new GrenadineError('snapshots-disabled', `${name} has Enable=no in [Snapshot].`);
    const already = underWay.get(name);
    if (already !== undefined) return already;
    dropRetry(name);
    step(name, { kind: 'queued' });
    const made = queue
      .add(() => begin(name, bakeVoices(name), how))
      .finally(() => underWay.delete(name))
      .then(
        (id) => published(name, id),
        (error: unknown) => {
          throw failed(name, error);
        },
      );
    underWay.set(name, made);
    return made;
  };

  const begin = async <T>(
    name: string,
    voices: ReturnType<typeof bakeVoices>,
    how: (state: ApplicationState, bakeTools: BakeTools) => Promise<T>,
  ): Promise<T> => {
    await Promise.all([tools.refresh(name), host.lookAgain()]);
    const { criu, ...machine } = host.now();
    if (criu.kind !== 'present')
      throw new GrenadineError('no-criu', `${criuProblem(criu)}; see: grenadine doctor`);
    const bakeHost = { ...machine, criu: criu.identity };
    return how(applications.get(name), { ...tools, ...voices, host: bakeHost });
  };

  const bakeVoices = (name: string): Pick<BakeTools, 'progress' | 'warn' | 'isDeployed'> => ({
    progress: (phase, detail) => {
      if (!underWay.has(name)) return;
      step(name, { kind: 'progress', phase, detail });
      tools.emit('BakeProgress', name, phase, detail);
    },
    warn: log.warning,
    isDeployed: async (release) => {
      await tools.refresh(name);
      const state = applications.find(name);
      return state !== undefined && isSameRelease(state.release, release);
    },
  });

  const published = async (name: string, id: string): Promise<string> => {
    applications.update(name, { failedBakes: 0, setAside: undefined });
    superseded.delete(name);
    step(name, { kind: 'published' });
    // It is published, whoever may not see it yet.
    await tools.refresh(name).catch((error: unknown) => {
      log.warning(`${name}: what is stored of it could not be read, ignoring: ${String(error)}`);
    });
    log.info(`${name}: published snapshot ${id}`, { kind: 'published', application: name, snapshot: id });
    await tools.tidy().catch((error: unknown) => {
      log.warning(`Old snapshots could not be removed: ${String(error)}, ignoring`);
    });
    tools.emit('Published', name, id);
    tools.reconsider(name);
    return id;
  };

  const failed = (name: string, error: unknown): GrenadineError => {
    const code = error instanceof GrenadineError ? error.code : 'internal';
    const message = error instanceof Error ? error.message : String(error);
    if (code === 'superseded' && countSuperseded(name) < mostSuperseded) {
      step(name, { kind: 'superseded' });
      log.info(`${name}: no snapshot was made (${code}): ${message}`);
    } else {
      countFailure(name, code, message);
    }
    tools.reconsider(name);
    return new GrenadineError('bake-failed', `No snapshot of ${name} was made (${code}): ${message}`, {
      cause: error,
    });
  };

  const countSuperseded = (name: string): number => {
    const times = (superseded.get(name) ?? 0) + 1;
    superseded.set(name, times);
    return times;
  };

  const countFailure = (name: string, code: string, message: string): void => {
    const attempts = (applications.find(name)?.failedBakes ?? 0) + 1;
    applications.update(name, { failedBakes: attempts });
    const nowMs = tools.nowMs();
    step(name, { kind: 'failed', code, message, attempts, nowMs });
    log.error(`${name}: no snapshot was made (${code}): ${withCause(message)}`, {
      ...{ kind: 'bake-failed', application: name, reason: code },
    });
    tools.emit('BakeFailed', name, code, message);
    const bakeState = applications.find(name)?.bake;
    if (bakeState?.kind !== 'failed' || bakeState.retryAtMs === undefined) return;
    // One ms more: a timer may fire a little early, and would then be for nothing.
    const retry = tools.later(Math.ceil(bakeState.retryAtMs - nowMs) + 1, () => {
      retries.delete(name);
      tools.reconsider(name);
    });
    retries.set(name, retry);
  };

  const dropRetry = (name: string): void => {
    retries.get(name)?.();
    retries.delete(name);
  };

  return {
    bake: (name) => make(name, bake),
    dump: (name, after) => make(name, (state, bakeTools) => dumpRunning(state, after, bakeTools)),
    tryOut: (name, work) => {
      applications.get(name);
      const progress: BakeTools['progress'] = (phase, detail) => {
        tools.emit('BakeProgress', name, phase, detail);
      };
      progress('queued', '');
      return queue.add(() => begin(name, { ...bakeVoices(name), progress }, work));
    },
    bakeWhatIsMissing: (name) => {
      const state = applications.find(name);
      if (state === undefined || !state.application.snapshot.enable) return;
      if (state.release.path !== undefined && state.release.target === undefined) return;
      if (validSnapshots(state, host.now()).length > 0 || !mayBake(state.bake, tools.nowMs())) return;
      make(name, bake).catch(() => undefined);
    },
    rest: async (name) => {
      await underWay.get(name)?.catch(() => undefined);
    },
    forgive: (name) => {
      dropRetry(name);
      applications.update(name, { failedBakes: 0 });
      step(name, { kind: 'changed' });
    },
  };
}
