// Turns a fresh dump into what can be published: edits the images, leaves the plan, has the draft proved, and says in
// the manifest what was dumped and how it did. Knows files, not units or processes.

import { constants } from 'node:os';
import type { Hook } from '../../generator/config/application.js';
import { encodeWords } from '../../generator/config/command-words.js';
import type { ApplicationState } from '../applications.js';
import type { LauncherListener, LauncherState } from '../control/control-reply.js';
import { recordFiles } from '../files/record.js';
import type { SnapshotHost } from '../host/differences.js';
import { announceSeed, editImages, type ImageFacts } from '../images/edit-images.js';
import { guardImages } from '../images/guard-images.js';
import { mapImages, type MappedImages } from '../images/map-images.js';
import { hashImages } from '../store/hash-images.js';
import { replaceFile } from '../store/durable-file.js';
import { renderManifest, snapshotId, type Manifest, type ManifestMemory } from '../store/manifest.js';
import { pidFloor, renderPlan, type Plan } from '../store/plan.js';
import { planSum } from '../store/plan-sum.js';
import type { Store } from '../store/store.js';
import { compareRestores } from './compare-restores.js';
import { chooseMemory } from './memory-choice.js';
import type { Answer } from './repeated-tokens.js';

export interface Dump {
  /** What the launcher held when it was dumped. */
  readonly launcher: LauncherState;
  readonly coldMs: number;
  readonly dumpMs: number;
  /** The files that systemd had read when it was booted. */
  readonly environment: Manifest['files'];
}

interface Surroundings {
  readonly host: SnapshotHost;
  readonly nowMs: () => number;
  readonly store: Pick<Store, 'linkMemory'>;
  readonly warn: (message: string) => void;
  /** Restores what lies in the draft, within the given time. */
  readonly prove: (timeoutMs: number) => Promise<Proved>;
  /** The same, where nothing is left of another proof. */
  readonly proveAfresh: (phase: 'proving' | 'comparing', timeoutMs: number) => Promise<Proved>;
}

export interface Proved {
  /** How long it took to the answer that says that it is ready. */
  readonly tookMs: number;
  /** What it answered then, where answers are to be compared. */
  readonly answers: readonly Answer[];
}

/** While it is being proved a snapshot has no name yet: the name follows from how the proof went, too. */
const draftId = '000000000000';
const proofDeadlineMs = 60_000;

/** `draft` is the folder that holds criu/. Afterwards it holds the manifest and a plan with the snapshot's id, too. */
export async function proveDraft(
  draft: string,
  state: ApplicationState,
  dump: Dump,
  tools: Surroundings,
): Promise<Manifest> {
  const { name, snapshot } = state.application;
  const { listeners, unnamed } = dump.launcher;
  const edited = await editImages(`${draft}/criu`, listeners, unnamed);
  const facts = { ...edited, listeners: withUnrecorded(edited.listeners, listeners) };
  if (snapshot.seed !== undefined && snapshot.seed !== 'file')
    await announceSeed(`${draft}/criu`, constants.signals[snapshot.seed]);
  const files = await recordFiles(facts);
  await tools.store.linkMemory(name, draft, facts.memoryFiles);
  // Last: from here on the images name some files otherwise than the application does.
  const opened = await guardImages(`${draft}/criu`, name);
  const plan = { ...planOf(state, tools.host, dump, facts), files: opened };
  const { memory, isMapped, proveMs, answers } = await proveMemory(draft, state, facts, plan, tools);
  const reuse = await compareRestores(state.application, dump.launcher, facts, {
    ...tools,
    one: answers,
    restoreAgain: async () => (await tools.proveAfresh('comparing', proofDeadlineMs + 5000)).answers,
  });
  const deadlineMs = restoreDeadlineMs(proveMs);
  const proved = { ...plan, isMapped, deadlineMs, isForOnce: reuse.kind === 'once' };
  const manifest: Manifest = {
    application: name,
    createdUs: Math.round(tools.nowMs() * 1000),
    configuration: state.configuration,
    release: state.release,
    host: tools.host,
    processes: facts.processes,
    listeners: facts.listeners.map((listener) => ({
      ...listener,
      listen: state.application.listen[listener.index]?.text ?? '',
    })),
    files: [...files, ...dump.environment],
    images: await hashImages(`${draft}/criu`),
    planSha256: planSum(renderPlan(proved), draftId),
    pagesBytes: facts.pagesBytes,
    memory,
    reuse,
    timings: { coldMs: Math.round(dump.coldMs), dumpMs: Math.round(dump.dumpMs), proveMs },
  };
  const text = renderManifest(manifest);
  await replaceFile(`${draft}/manifest.json`, text);
  await replaceFile(`${draft}/plan`, renderPlan({ ...proved, snapshot: snapshotId(text) }));
  return manifest;
}

/**
 * A restore that takes ten times as long as its proof hangs; the two seconds are for a host that is busy or cold. Nobody
 * waits longer than a minute for one that was quicker than that.
 */
export function restoreDeadlineMs(proveMs: number): number {
  return Math.min(proveMs * 10 + 2000, Math.max(proofDeadlineMs, proveMs * 2));
}

interface Proof {
  readonly memory: ManifestMemory;
  readonly isMapped: boolean;
  readonly proveMs: number;
  readonly answers: readonly Answer[];
}

/** With its memory mapped, if it may be and that holds; else copied. */
async function proveMemory(
  draft: string,
  state: ApplicationState,
  facts: ImageFacts,
  plan: Plan,
  { prove, proveAfresh, warn }: Surroundings,
): Promise<Proof> {
  const { name, snapshot } = state.application;
  const attempt = async (memory: ManifestMemory, how: Surroundings['prove']): Promise<Proof> => {
    // What an earlier snapshot had mapped is so still.
    const isMapped = memory.kind === 'mapped' || facts.memoryFiles.length > 0;
    await replaceFile(`${draft}/plan`, renderPlan({ ...plan, isMapped }));
    const { tookMs, answers } = await how(proofDeadlineMs + 5000);
    return { memory, isMapped, proveMs: Math.round(tookMs), answers };
  };
  const choice = await chooseMemory(snapshot.memory, facts);
  if (choice.kind === 'copied') return attempt(choice, prove);
  let mapped: MappedImages | undefined;
  let proof: Proof;
  try {
    mapped = await mapImages(`${draft}/criu`, `${draft}/copied`, choice);
    proof = await attempt({ kind: 'mapped', bytes: mapped.bytes }, prove);
  } catch (error) {
    const why = `it failed with its memory mapped: ${error instanceof Error ? error.message : String(error)}`;
    warn(`${name}: a snapshot was proved with copied memory, for ${why}`);
    await mapped?.undo();
    return attempt({ kind: 'copied', why }, (timeoutMs) => proveAfresh('proving', timeoutMs));
  }
  // Not above: once a part of it is gone there is nothing to go back to.
  await mapped.keep();
  return proof;
}

/** CRIU does not know each option of a listener; the launcher tells the others. */
function withUnrecorded(
  dumped: ImageFacts['listeners'],
  held: readonly LauncherListener[],
): ImageFacts['listeners'] {
  return dumped.map((listener) => {
    const told = held.find(({ index }) => index === listener.index)?.options ?? [];
    return { ...listener, options: [...listener.options, ...told] };
  });
}

function planOf(
  state: ApplicationState,
  { kernel, criu }: SnapshotHost,
  { launcher }: Dump,
  facts: ImageFacts,
): Omit<Plan, 'files'> {
  const { path, target } = state.release;
  return {
    application: state.application.name,
    snapshot: draftId,
    configuration: state.configuration,
    kernel,
    criu,
    release: path === undefined || target === undefined ? undefined : { path, target },
    pid: facts.rootPid,
    pidFloor: pidFloor(facts.maxPid),
    stdout: held(launcher.stdoutInode, facts),
    stderr: held(launcher.stderrInode, facts),
    isMapped: false,
    isForOnce: false,
    hasSeed: state.application.snapshot.seed !== undefined,
    listeners: facts.listeners,
    ...planAfterRestore(state.application.snapshot.afterRestore, state.application.warmup.host),
    deadlineMs: proofDeadlineMs,
  };
}

function planAfterRestore(hooks: readonly Hook[], host: string): Pick<Plan, 'signals' | 'after'> {
  return {
    signals: hooks.flatMap((hook) => (hook.kind === 'signal' ? [constants.signals[hook.signal]] : [])),
    after: hooks.flatMap((hook): Plan['after'] => {
      switch (hook.kind) {
        case 'signal':
          return [];
        case 'command':
          return [{ kind: 'command', text: encodeWords(hook.words) }];
        case 'request':
          return [{ kind: 'request', text: `${hook.method} ${hook.path} ${host}` }];
      }
    }),
  };
}

/** The launcher's pipe, if anybody in the dump still holds it: only those can be handed in again. */
function held(inode: number | undefined, facts: ImageFacts): number | undefined {
  return inode !== undefined && facts.pipes.includes(inode) ? inode : undefined;
}
