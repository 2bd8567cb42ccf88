// Turns a fresh dump into what can be published: edits the images, leaves the plan, has the draft proved, and says in
// the manifest what was dumped and how it did. Knows files, not units or processes.

import { GrenadineError } from '../../generator/config/error.js';
import type { ApplicationState } from '../applications.js';
import type { LauncherState } from '../control/control-reply.js';
import { recordFiles } from '../files/record.js';
import type { HostFingerprint } from '../host/differences.js';
import { editImages, type ImageFacts } from '../images/edit-images.js';
import { hashImages } from '../store/hash-images.js';
import { replaceFile } from '../store/durable-file.js';
import { renderManifest, snapshotId, type Manifest } from '../store/manifest.js';
import { pidFloor, renderPlan, type Plan } from '../store/plan.js';

export interface Dump {
  /** What the launcher held when it was dumped. */
  readonly launcher: LauncherState;
  readonly coldMs: number;
  readonly dumpMs: number;
}

interface Surroundings {
  readonly host: HostFingerprint;
  readonly nowMs: () => number;
}

/** While it is being proved a snapshot has no name yet: the name follows from how the proof went, too. */
const draftId = '000000000000';
const proofDeadlineMs = 60_000;

/**
 * `draft` is the folder that holds criu/. `prove` restores what lies in it, within the given time, and answers how long
 * it took, in ms. Afterwards the folder holds the manifest and a plan with the snapshot's id.
 */
export async function proveDraft(
  draft: string,
  state: ApplicationState,
  dump: Dump,
  { host, nowMs }: Surroundings,
  prove: (timeoutMs: number) => Promise<number>,
): Promise<Manifest> {
  const facts = await editImages(`${draft}/criu`, dump.launcher.listeners);
  const files = await recordFiles(facts);
  const plan = planOf(state, host, dump, facts);
  await replaceFile(`${draft}/plan`, renderPlan(plan));
  const proveMs = Math.round(await prove(proofDeadlineMs + 5000));
  const manifest: Manifest = {
    application: state.application.name,
    createdUs: Math.round(nowMs() * 1000),
    configuration: state.configuration,
    release: state.release,
    host,
    processes: facts.processes,
    listeners: facts.listeners.map((listener) => ({
      ...listener,
      listen: state.application.listen[listener.index]?.text ?? '',
    })),
    files,
    images: await hashImages(`${draft}/criu`),
    pagesBytes: facts.pagesBytes,
    timings: { coldMs: Math.round(dump.coldMs), dumpMs: Math.round(dump.dumpMs), proveMs },
  };
  // A restore that takes ten times as long as its proof hangs; the two seconds are for a host that is busy or cold.
  const deadlineMs = proveMs * 10 + 2000;
  const text = renderManifest(manifest);
  await replaceFile(`${draft}/manifest.json`, text);
  await replaceFile(`${draft}/plan`, renderPlan({ ...plan, snapshot: snapshotId(text), deadlineMs }));
  return manifest;
}

function planOf(state: ApplicationState, host: HostFingerprint, { launcher }: Dump, facts: ImageFacts): Plan {
  const { criu } = host;
  if (criu === undefined) throw new GrenadineError('no-criu', 'CRIU is not installed, or does not run.');
  const { path, target } = state.release;
  return {
    application: state.application.name,
    snapshot: draftId,
    configuration: state.configuration,
    kernel: host.kernel,
    criu,
    release: path === undefined || target === undefined ? undefined : { path, target },
    pid: facts.rootPid,
    pidFloor: pidFloor(facts.maxPid),
    stdout: held(launcher.stdoutInode, facts),
    stderr: held(launcher.stderrInode, facts),
    listeners: facts.listeners,
    deadlineMs: proofDeadlineMs,
  };
}

/** The launcher's pipe, if anybody in the dump still holds it: only those can be handed in again. */
function held(inode: number | undefined, facts: ImageFacts): number | undefined {
  return inode !== undefined && facts.pipes.includes(inode) ? inode : undefined;
}
