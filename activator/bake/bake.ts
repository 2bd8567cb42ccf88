// Bakes one application: boots it aside in NAME-bake.service, warms it up, and has it dumped, edited, proved and
// published. Asks systemd and the launcher for everything that needs privileges; decides only the order of the steps.

import { GrenadineError } from '../../generator/config/error.js';
import type { ApplicationState } from '../applications.js';
import type { Systemd } from '../bus/systemd.js';
import { connectLauncher, removeControlSocket, type Launcher } from '../control/control-client.js';
import type { ScratchAddress } from '../control/control-reply.js';
import { recordEnvironment } from '../files/environment.js';
import type { SnapshotHost } from '../host/differences.js';
import { isSameRelease, type Release } from '../release/release-id.js';
import type { Manifest } from '../store/manifest.js';
import type { Store } from '../store/store.js';
import { tellBeforeDump } from './before-dump.js';
import { collectAnswers } from './collect-answers.js';
import { dumpAgain } from './dump-again.js';
import { explainDump } from './dump-refusal.js';
import { treeAtRest } from './process-tree.js';
import { proveDraft, type Dump, type Proved } from './snapshot-draft.js';
import { warmUp, waitUntilReady } from './warm-up.js';

export interface BakeTools {
  readonly systemd: Systemd;
  readonly store: Store;
  readonly host: SnapshotHost;
  readonly nowMs: () => number;
  readonly progress: (phase: string, detail: string) => void;
  readonly warn: (message: string) => void;
  /** Is that release still the one that is deployed? */
  readonly isDeployed: (release: Release) => Promise<boolean>;
}

const unitTimeoutMs = 90_000;
const dumpTimeoutMs = 120_000;

/** Answers the id of the published snapshot. Whatever happens, the bake unit is stopped and nothing half made stays. */
export function bake(state: ApplicationState, tools: BakeTools): Promise<string> {
  const readMs = tools.nowMs();
  return withDraft(state, tools, (draft) =>
    withWorkbench(state, tools, async (launcher) => {
      const { coldMs } = await bootAside(state, launcher, tools);
      await mustBeDeployed(state, tools);
      const dump = await dumpInto(draft, state, launcher, 'kill', tools);
      const environment = await environmentOf(state, tools, readMs);
      return proveAndPublish(state, launcher, tools, draft, { ...dump, coldMs, environment });
    }),
  );
}

/** Snapshots the application that serves right now; with `after: 'kill'` it is gone afterwards. */
export function dumpRunning(
  state: ApplicationState,
  after: 'leave-running' | 'kill',
  tools: BakeTools,
): Promise<string> {
  const { name } = state.application;
  mustRunWhatIsDeployed(state);
  return withDraft(state, tools, async (draft) => {
    const running = await connectLauncher(name).catch((cause: unknown) => {
      throw new GrenadineError('not-running', `${name} does not run; start it, or: grenadine bake ${name}`, {
        cause,
      });
    });
    const take = async (): Promise<Dump> => {
      const environment = await environmentOf(state, tools, (state.outcome?.realtimeUs ?? 0) / 1000);
      return { ...(await dumpInto(draft, state, running, after, tools)), coldMs: 0, environment };
    };
    const dump = await take().finally(running.close);
    return withWorkbench(state, tools, (launcher) =>
      proveAndPublish(state, launcher, tools, draft, dump, (manifest) => {
        if (after === 'leave-running') mustNotBeDrawnTwice(name, manifest);
      }),
    );
  });
}

/** What goes on would draw the numbers that the one start would draw, too. */
function mustNotBeDrawnTwice(name: string, { reuse }: Manifest): void {
  if (reuse?.kind !== 'once') return;
  throw new GrenadineError(
    'dump-repeats',
    `What runs would go on with the random numbers of its snapshot (${reuse.why}); grenadine dump ${name} --stop, or: grenadine bake ${name}`,
  );
}

/** `readMs` is when systemd read what a service is started with. */
async function environmentOf(
  { application: { name } }: ApplicationState,
  { systemd }: BakeTools,
  readMs: number,
): Promise<Dump['environment']> {
  return recordEnvironment(await systemd.environmentPaths(`${name}.service`), readMs);
}

async function withDraft<T>(
  state: ApplicationState,
  tools: BakeTools,
  work: (draft: string) => Promise<T>,
): Promise<T> {
  const draft = await tools.store.beginBake(state.application.name);
  try {
    return await work(draft);
  } catch (error) {
    await tools.store.discard(draft).catch((left: unknown) => {
      tools.warn(`${draft} could not be removed: ${String(left)}, ignoring until the activator starts again`);
    });
    throw error;
  }
}

/** Starts NAME-bake.service, an empty workbench until it is told what to do, and stops it whatever comes. */
export async function withWorkbench<T>(
  state: ApplicationState,
  tools: BakeTools,
  work: (launcher: Launcher) => Promise<T>,
): Promise<T> {
  const { name } = state.application;
  const unit = `${name}-bake.service`;
  // Never one that is left from before: what it holds is unknown.
  await tools.systemd.restart(unit, unitTimeoutMs);
  try {
    const launcher = await connectLauncher(`${name}-bake`);
    return await work(launcher).finally(launcher.close);
  } catch (error) {
    throw await sayHowItEnded(name, error, tools);
  } finally {
    await clearAway(unit, name, tools).catch((error: unknown) => {
      tools.warn(`${unit} could not be stopped: ${String(error)}, ignoring`);
    });
  }
}

async function clearAway(unit: string, name: string, { systemd }: BakeTools): Promise<void> {
  await systemd.stop(unit, unitTimeoutMs);
  await removeControlSocket(`${name}-bake`);
}

/**
 * The workbench ends as the application in it does, and systemd has seen how, once it has nothing left to do for that
 * unit.
 */
export async function sayHowItEnded(
  name: string,
  error: unknown,
  { systemd, warn }: Pick<BakeTools, 'systemd' | 'warn'>,
): Promise<unknown> {
  const unit = `${name}-bake.service`;
  if (!(error instanceof GrenadineError) || error.code !== 'launcher-gone') return error;
  await systemd.stop(unit, unitTimeoutMs).catch((failure: unknown) => {
    warn(`${unit} could not be stopped: ${String(failure)}, ignoring`);
  });
  const { ended } = await systemd.state(unit);
  if (ended === '') return error;
  return new GrenadineError(
    'launcher-gone',
    `the application ${ended} while it was baked; see: journalctl -u ${unit}`,
    { cause: error },
  );
}

export async function bootAside(
  state: ApplicationState,
  launcher: Launcher,
  tools: BakeTools,
): Promise<{ readonly coldMs: number }> {
  const { warmup, name } = state.application;
  tools.progress('booting', '');
  const startedMs = tools.nowMs();
  await launcher.boot();
  const address = await firstAddress(launcher, name);
  await Promise.race([waitUntilReady(address, warmup, tools.nowMs), launcher.gone]);
  const coldMs = tools.nowMs() - startedMs;
  tools.progress('ready', `after ${Math.round(coldMs)} ms`);
  await treeAtRest((await launcher.state()).initPid);
  const warming = warmUp(address, warmup, (done, total) => {
    tools.progress('warming', `${done}/${total}`);
  });
  const { failed, sent } = await Promise.race([warming, launcher.gone]);
  if (failed > 0)
    tools.warn(`${name}: ${failed} of ${sent} warm-up requests were answered with an error, ignoring`);
  await Promise.race([
    tellBeforeDump(state.application.snapshot.beforeDump, address, warmup.host, launcher),
    launcher.gone,
  ]);
  return { coldMs };
}

export async function dumpInto(
  draft: string,
  state: ApplicationState,
  launcher: Launcher,
  after: 'leave-running' | 'kill',
  tools: BakeTools,
): Promise<Omit<Dump, 'coldMs' | 'environment'>> {
  const { ghostLimitBytes } = state.application.snapshot;
  tools.progress('dumping', '');
  const dumped = await launcher.state();
  const dump = () => launcher.dump(`${draft}/criu`, { after, ghostLimitBytes }, dumpTimeoutMs);
  const dumpMs = await dumpAgain(dump).catch((error: unknown) => {
    throw explainDump(error);
  });
  return { launcher: dumped, dumpMs };
}

/** Publishes only what has been proved. */
async function proveAndPublish(
  state: ApplicationState,
  launcher: Launcher,
  tools: BakeTools,
  draft: string,
  dump: Dump,
  check: (manifest: Manifest) => void = () => undefined,
): Promise<string> {
  const manifest = await proveDump(state, launcher, tools, draft, dump);
  check(manifest);
  await mustBeDeployed(state, tools);
  const id = await tools.store.publish(state.application.name, draft, manifest);
  tools.progress('published', id);
  return id;
}

/** Edits the dump, restores the draft, once or twice, on scratch sockets, and asks the readiness question again. */
export function proveDump(
  state: ApplicationState,
  launcher: Launcher,
  tools: BakeTools,
  draft: string,
  dump: Dump,
): Promise<Manifest> {
  const { name, warmup, snapshot } = state.application;
  const proveOn = async (workbench: Launcher, phase: string, timeoutMs: number): Promise<Proved> => {
    tools.progress(phase, '');
    const startedMs = tools.nowMs();
    await workbench.prove(draft, timeoutMs);
    const address = await firstAddress(workbench, name);
    await Promise.race([waitUntilReady(address, warmup, tools.nowMs), workbench.gone]);
    const tookMs = tools.nowMs() - startedMs;
    if (snapshot.reuse !== 'auto') return { tookMs, answers: [] };
    const answers = await Promise.race([collectAnswers(address, warmup), workbench.gone]);
    return { tookMs, answers };
  };
  return proveDraft(draft, state, dump, {
    ...tools,
    prove: (timeoutMs) => proveOn(launcher, 'proving', timeoutMs),
    proveAfresh: (phase, timeoutMs) =>
      withWorkbench(state, tools, (fresh) => proveOn(fresh, phase, timeoutMs)),
  });
}

/** What was booted may be of either release by now, and would be published as the one it began with. */
async function mustBeDeployed(state: ApplicationState, tools: BakeTools): Promise<void> {
  if (await tools.isDeployed(state.release)) return;
  throw new GrenadineError(
    'superseded',
    `another release than ${state.release.id} was deployed while it was baked`,
  );
}

/** What serves on while a newer release is deployed must not be published as that. */
function mustRunWhatIsDeployed({ application: { name }, started, release }: ApplicationState): void {
  if (started === undefined || isSameRelease(started, release)) return;
  throw new GrenadineError(
    'release-changed',
    `${name} runs release ${started.id}, but ${release.id} is deployed; systemctl restart ${name}, or: grenadine bake ${name}`,
  );
}

export async function firstAddress(launcher: Launcher, name: string): Promise<ScratchAddress> {
  const [first] = (await launcher.state()).listeners;
  if (first === undefined) throw new GrenadineError('no-listener', `${name}-bake.service holds no listener.`);
  return first.address;
}
