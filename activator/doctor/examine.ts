// `grenadine doctor NAME`: a bake that publishes nothing. Boots the application aside, warms it up, dumps and proves it as
// a bake does, says what it held and how that is dealt with, and throws the snapshot away.

import { readdir } from 'node:fs/promises';
import { GrenadineError } from '../../generator/config/error.js';
import type { ApplicationState } from '../applications.js';
import {
  bootAside,
  dumpInto,
  proveDump,
  sayHowItEnded,
  withWorkbench,
  type BakeTools,
} from '../bake/bake.js';
import type { Dump } from '../bake/snapshot-draft.js';
import type { Launcher } from '../control/control-client.js';
import { readDump } from '../images/edit-images.js';
import { loadImage } from '../images/image-folder.js';
import type { ImageFile } from '../images/image-file.js';
import type { ImageKind } from '../images/schema.js';
import type { Manifest } from '../store/manifest.js';
import { causeOf } from './criu-causes.js';
import { held, hint, obstacle, type Finding } from './finding.js';
import { survey, type SurveyImages } from './survey.js';
import type { Listening } from './survey-sockets.js';
import { findOutsideConnections, type OutsideConnection } from './unix-peers.js';

/** Nothing that serves is touched, nothing is left in the store. */
export async function examine(state: ApplicationState, tools: BakeTools): Promise<readonly Finding[]> {
  const draft = await tools.store.beginBake(state.application.name);
  try {
    return await withWorkbench(state, tools, (launcher) => onWorkbench(state, launcher, draft, tools));
  } finally {
    await tools.store.discard(draft);
  }
}

async function onWorkbench(
  state: ApplicationState,
  launcher: Launcher,
  draft: string,
  tools: BakeTools,
): Promise<readonly Finding[]> {
  const { application } = state;
  const findings: Finding[] = [];
  try {
    const { coldMs } = await bootAside(state, launcher, tools);
    findings.push(held('boot', `${Math.round(coldMs)} ms`, 'answers, and is warmed up'));
    const { initPid, listeners, adopted, unnamed } = await launcher.state();
    const outside = await findOutsideConnections(initPid);
    const dump = await dumpInto(draft, state, launcher, 'kill', tools).catch((error: unknown) => {
      const isBlamed = causeOf(messageOf(error))?.blames === 'UNIX connection';
      findings.push(...(isBlamed ? outside.filter((one) => !one.isDatagram).map(refused) : []));
      throw error;
    });
    findings.push(...outside.map(closed));
    const listening = listeners.map(({ inode, index }): Listening => ({
      inode,
      stream: application.listen[index]?.text ?? '',
      isAdopted: adopted.includes(index),
    }));
    const { ghostLimitBytes } = application.snapshot;
    const context = { listening, unnamed, ghostLimitBytes };
    findings.push(...survey(await readImages(`${draft}/criu`), context));
    findings.push(...(await prove(state, launcher, draft, { ...dump, coldMs, environment: [] }, tools)));
  } catch (error) {
    // Of such a listener there is a row already, with its address.
    if (codeOf(error) !== 'foreign-listener')
      findings.push(failure(await sayHowItEnded(application.name, error, tools), application.name));
  }
  return findings;
}

async function prove(
  state: ApplicationState,
  launcher: Launcher,
  draft: string,
  dump: Dump,
  tools: BakeTools,
): Promise<readonly Finding[]> {
  const { memory, pagesBytes, timings } = await proveDump(state, launcher, tools, draft, dump);
  return [
    memoryFinding(memory, pagesBytes),
    held('proof', `${timings.proveMs} ms`, 'restored once, and it answered'),
  ];
}

function memoryFinding(memory: Manifest['memory'], pagesBytes: number): Finding {
  const size = `${Math.round(pagesBytes / 1024)} KiB`;
  return memory.kind === 'mapped'
    ? held('memory', size, 'mapped at a restore, not read')
    : hint(
        'memory',
        size,
        `copied at each restore: ${memory.why}`,
        'Memory= in grenadine.app(5) tells what must hold for it to be mapped',
      );
}

function closed({ peer, isDatagram, count }: OutsideConnection): Finding {
  return isDatagram
    ? held('UNIX datagrams', `${count} to ${peer}`, 'sent to whoever has that name after a restore')
    : held(
        'UNIX connection',
        `${count} to ${peer}`,
        'closed in the snapshot: the application connects again',
      );
}

function refused({ peer, count }: OutsideConnection): Finding {
  return obstacle(
    'UNIX connection',
    `${count} to ${peer}`,
    'leads out of the application, where CRIU cannot follow',
    'have the application close it before it is dumped, or connect at its first request only',
  );
}

/** Codes of what went wrong before the dump, in it, and after it. */
const stages: Readonly<Record<string, string>> = {
  'not-ready': 'boot',
  'launcher-gone': 'boot',
  'dump-failed': 'dump',
  'stray-process': 'process',
  'seed-unheard': 'process',
  'several-users': 'process',
  'outside-connection': 'UNIX connection',
  'ghost-too-large': 'file',
  'linked-elsewhere': 'file',
  'watch-unknown': 'file',
  'file-exposed': 'file',
  'too-many-files': 'file',
  'socket-exposed': 'socket',
  'restore-failed': 'proof',
  'restore-timeout': 'proof',
  'file-refused': 'proof',
  'listener-shut': 'listener',
};

/** The row for what ended a bake aside. */
export function failure(error: unknown, name: string): Finding {
  const message = messageOf(error);
  const known = causeOf(message);
  return obstacle(
    stages[codeOf(error)] ?? 'bake',
    '',
    known === undefined ? message : `${known.cause}: ${message}`,
    known?.advice ?? `see: journalctl -u ${name}-bake.service`,
  );
}

function codeOf(error: unknown): string {
  return error instanceof GrenadineError ? error.code : 'internal';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function readImages(directory: string): Promise<SurveyImages> {
  const names = (await readdir(directory)).sort();
  const optional = (kind: ImageKind): Promise<ImageFile> | undefined =>
    names.includes(`${kind}.img`) ? loadImage(directory, `${kind}.img`, kind) : undefined;
  return {
    ...(await readDump(directory, names)),
    remaps: await optional('remap-fpath'),
    locks: await optional('filelocks'),
    seccomp: await optional('seccomp'),
  };
}
