// Has a signal pending in a dump for each process that waits for it. CRIU queues what was pending before it lets go of the
// processes, so that the kernel delivers it before any instruction of theirs (criu/pie/restorer.c). Pure.

import { constants } from 'node:os';
import type { DumpImages } from './inspect.js';
import type { ImageFile } from './image-file.js';
import { core, pstree, saEntry, siginfoEntry, signalQueue, taskCore, threadCore } from './schema.js';
import {
  bytesField,
  encodeMessage,
  getMessage,
  getMessages,
  getUint,
  getUint64,
  getUints,
  setMessage,
  type Message,
} from './wire.js';

/** The images that change, by file name: those of the processes that catch the signal, or have it blocked to ask for it. */
export function addPendingSignal(
  { pstree: tree, cores }: Pick<DumpImages, 'pstree' | 'cores'>,
  signal: number,
): ReadonlyMap<string, ImageFile> {
  return new Map(
    tree.entries.flatMap((entry) => {
      const name = coreName(getUint(entry, pstree.pid) ?? 0);
      const image = cores.get(name);
      const [main, ...more] = image?.entries ?? [];
      const task = main === undefined ? undefined : getMessage(main, core.tc);
      if (image === undefined || main === undefined || task === undefined) return [];
      const masks = getUints(entry, pstree.threads).map((thread) => blockedOf(cores.get(coreName(thread))));
      if (!isAwaited(task, masks, signal)) return [];
      return [[name, { ...image, entries: [setMessage(main, core.tc, withPending(task, signal)), ...more] }]];
    }),
  );
}

function coreName(thread: number): string {
  return `core-${thread}.img`;
}

/** signalfd(2) and sigwait(3) get what is blocked in every thread. The kernel's bit 0 is signal 1. */
function isAwaited(task: Message, masks: readonly bigint[], signal: number): boolean {
  const handler = handlerOf(task, signal);
  if (handler === undefined || handler === SIG_IGN) return false;
  return handler !== SIG_DFL || masks.every((mask) => (mask >> BigInt(signal - 1)) % 2n === 1n);
}

const SIG_DFL = 0n;
const SIG_IGN = 1n;

/** One for each signal in its order, without the two that cannot be caught; none of a zombie. */
function handlerOf(task: Message, signal: number): bigint | undefined {
  const { SIGKILL, SIGSTOP } = constants.signals;
  const uncaught = [SIGKILL, SIGSTOP].filter((other) => other < signal).length;
  const action = getMessages(task, taskCore.sigactions)[signal - 1 - uncaught];
  return action === undefined ? undefined : (getUint64(action, saEntry.sigaction) ?? SIG_DFL);
}

function blockedOf(image: ImageFile | undefined): bigint {
  const entry = image?.entries[0];
  const thread = entry === undefined ? undefined : getMessage(entry, core.thread_core);
  const task = entry === undefined ? undefined : getMessage(entry, core.tc);
  const own = thread === undefined ? undefined : getUint64(thread, threadCore.blk_sigset);
  return own ?? (task === undefined ? undefined : getUint64(task, taskCore.blk_sigset)) ?? 0n;
}

/** Behind what is pending already. */
function withPending(task: Message, signal: number): Message {
  const queue = getMessage(task, taskCore.signals_s) ?? [];
  const entry = encodeMessage([bytesField(siginfoEntry.siginfo, siginfo(signal))]);
  return setMessage(task, taskCore.signals_s, [...queue, bytesField(signalQueue.signals, entry)]);
}

const siginfoBytes = 128;
/** Where si_pid begins on 64-bit machines: behind si_signo, si_errno, si_code and what aligns it. */
const pidOffset = 16;
const init = 1;

/** As kill(2) by PID 1, root's, would leave it: si_code is SI_USER, 0. */
function siginfo(signal: number): Uint8Array {
  const bytes = new Uint8Array(siginfoBytes);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, signal, true);
  view.setInt32(pidOffset, init, true);
  return bytes;
}
