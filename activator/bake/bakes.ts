// All bakes of all applications: one at a time, each application's at most once at a time, failures remembered. What a
// bake does is in bake.ts; when one is wanted is the controller's to say.

import { GrenadineError } from '../../generator/config/error.js';
import { hasValidSnapshot, type Applications, type ApplicationState } from '../applications.js';
import type { Host } from '../host/host.js';
import type { Log } from '../log.js';
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
  /** Emits a signal of org.grenadine.Activator1. */
  readonly emit: (signal: 'BakeProgress' | 'Published' | 'BakeFailed', ...body: readonly string[]) => void;
}

export interface Bakes {
  /** Each answers the id of the published snapshot, and joins what is under way; rejects with `bake-failed`. */
  readonly bake: (name: string) => Promise<string>;
  readonly dump: (name: string, after: 'leave-running' | 'kill') => Promise<string>;
  /** Bakes an application that has no snapshot that may serve, unless it failed a moment ago. Failures are logged. */
  readonly bakeWhatIsMissing: (name: string) => void;
  /** The configuration was read anew: what failed before deserves another try. */
  readonly forgive: (name: string) => void;
}

export function createBakes(tools: BakesTools): Bakes {
  const { applications, host, log } = tools;
  const underWay = new Map<string, Promise<string>>();
  const queue = serialQueue();

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
    step(name, { kind: 'queued' });
    const made = queue
      .add(async () => {
        await Promise.all([tools.refresh(name), host.lookAgain()]);
        if (host.now().criu === undefined)
          throw new GrenadineError(
            'no-criu',
            'CRIU is not installed, or does not run; install criu 4.2 or newer.',
          );
        return how(applications.get(name), { ...tools, ...bakeVoices(name), host: host.now() });
      })
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

  const bakeVoices = (name: string): Pick<BakeTools, 'progress' | 'warn'> => ({
    progress: (phase, detail) => {
      step(name, { kind: 'progress', phase, detail });
      tools.emit('BakeProgress', name, phase, detail);
    },
    warn: log.warning,
  });

  const published = async (name: string, id: string): Promise<string> => {
    applications.update(name, { failedBakes: 0 });
    step(name, { kind: 'published' });
    await tools.refresh(name);
    log.info(`${name}: published snapshot ${id}`);
    await tools.tidy().catch((error: unknown) => {
      log.warning(`Old snapshots could not be removed: ${String(error)}, ignoring`);
    });
    tools.emit('Published', name, id);
    return id;
  };

  const failed = (name: string, error: unknown): GrenadineError => {
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

  return {
    bake: (name) => make(name, bake),
    dump: (name, after) => make(name, (state, bakeTools) => dumpRunning(state, after, bakeTools)),
    bakeWhatIsMissing: (name) => {
      const state = applications.find(name);
      if (state === undefined || !state.application.snapshot.enable) return;
      if (hasValidSnapshot(state, host.now()) || !mayBake(state.bake, tools.nowMs())) return;
      make(name, bake).catch(() => undefined);
    },
    forgive: (name) => {
      step(name, { kind: 'changed' });
    },
  };
}
