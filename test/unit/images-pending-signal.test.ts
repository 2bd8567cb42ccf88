// Which processes of a dump have Seed='s signal pending, and how.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageFile } from '../../activator/images/image-file.js';
import { addPendingSignal } from '../../activator/images/pending-signal.js';
import {
  bytesField,
  encodeMessage,
  getBytes,
  getMessage,
  getMessages,
  uintField,
  type Message,
} from '../../activator/images/wire.js';

const [SIGUSR2, SIGTSTP] = [12, 20];
const [SIG_DFL, SIG_IGN, aHandler] = [0, 1, 0x7f0012345678n];
const signals = 64;

function nested(number: number, message: Message): Message[number] {
  return bytesField(number, encodeMessage(message));
}

interface Task {
  readonly handlers: Readonly<Record<number, number | bigint>>;
  readonly blocked?: bigint;
  /** Of each further thread. */
  readonly threads?: readonly bigint[];
  readonly pending?: readonly Uint8Array[];
}

/** As CRIU writes them: core-PID.img with tc and thread_core, those of further threads without tc. */
function dump(...tasks: readonly Task[]): Parameters<typeof addPendingSignal>[0] {
  const cores = new Map<string, ImageFile>();
  const tree = tasks.map(({ handlers, blocked = 0n, threads = [], pending = [] }, index): Message => {
    const pid = 10 * (index + 1);
    const actions = Array.from({ length: signals }, (_, at) => at + 1)
      .filter((signal) => signal !== 9 && signal !== 19)
      .map((signal) => nested(15, [uintField(1, handlers[signal] ?? SIG_DFL), uintField(2, 0)]));
    const queue = pending.map((info) => nested(1, [bytesField(1, info)]));
    const task = [uintField(5, blocked), nested(10, queue), ...actions];
    cores.set(`core-${pid}.img`, { kind: 'core', entries: [[nested(3, task), nested(5, [])]] });
    threads.forEach((mask, at) => {
      const entry = [nested(5, [uintField(6, mask)])];
      cores.set(`core-${pid + at + 1}.img`, { kind: 'core', entries: [entry] });
    });
    const ids = [pid, ...threads.map((_, at) => pid + at + 1)].map((id) => uintField(5, id));
    return [uintField(1, pid), ...ids];
  });
  return { pstree: { kind: 'pstree', entries: tree }, cores };
}

function pendingIn(image: ImageFile | undefined): readonly Uint8Array[] {
  const task = getMessage(image?.entries[0] ?? [], 3) ?? [];
  const queue = getMessage(task, 10) ?? [];
  return getMessages(queue, 1).map((entry) => getBytes(entry, 1) ?? new Uint8Array());
}

function told(images: Parameters<typeof addPendingSignal>[0], signal = SIGUSR2): readonly string[] {
  return [...addPendingSignal(images, signal).keys()];
}

test('each process that has a handler is told, and no other', () => {
  const handles = { handlers: { [SIGUSR2]: aHandler } };
  const images = dump(handles, { handlers: {} }, { handlers: { [SIGUSR2]: SIG_IGN } }, handles);
  assert.deepEqual(told(images), ['core-10.img', 'core-40.img']);
});

test('the handlers are counted without SIGKILL and SIGSTOP', () => {
  const images = dump({ handlers: { [SIGTSTP]: aHandler } });
  assert.deepEqual(told(images, SIGTSTP), ['core-10.img']);
  assert.deepEqual(told(images, SIGTSTP + 1), []);
  assert.deepEqual(told(images, SIGTSTP - 2), []);
});

test('who has it blocked in every thread reads it, and who has it so in some dies of it', () => {
  const mask = 1n << BigInt(SIGUSR2 - 1);
  assert.deepEqual(told(dump({ handlers: {}, blocked: mask, threads: [mask, mask] })), ['core-10.img']);
  assert.deepEqual(told(dump({ handlers: {}, blocked: mask, threads: [mask, 0n] })), []);
  assert.deepEqual(told(dump({ handlers: {}, threads: [mask] })), []);
});

test('a zombie, which has no handlers, is passed over', () => {
  const images = dump({ handlers: {} });
  const entries: Message[] = [[nested(3, [uintField(1, 2)])]];
  assert.deepEqual(told({ ...images, cores: new Map([['core-10.img', { kind: 'core', entries }]]) }), []);
});

test('it comes behind what was pending, and as from PID 1', () => {
  const before = new Uint8Array(128).fill(7);
  const changed = addPendingSignal(dump({ handlers: { [SIGUSR2]: aHandler }, pending: [before] }), SIGUSR2);
  const [first, second = new Uint8Array(), ...more] = pendingIn(changed.get('core-10.img'));
  assert.deepEqual(first, before);
  assert.deepEqual(more, []);
  assert.equal(second.length, 128);
  const view = new DataView(second.buffer, second.byteOffset);
  const [si_signo, si_code, si_pid, si_uid] = [0, 8, 16, 20].map((at) => view.getInt32(at, true));
  assert.deepEqual([si_signo, si_code, si_pid, si_uid], [SIGUSR2, 0, 1, 0]);
});
