/**
 * The calls with which the activator changes files, seen and tampered with by strace(1), so that nothing in the product
 * knows of it: which calls an act makes, and the same act with one of them failing, or with the activator killed right
 * before it. libuv makes them in threads; with one thread of those each act makes the same calls in the same order.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { mainPid, systemctl } from '../systemctl.js';

export const activator = 'grenadine-activator.service';
const dropIns = `/etc/systemd/system/${activator}.d`;
const log = '/run/file-calls.log';
const attachTimeoutMs = 10_000;

/**
 * Those that change what a power cut or another process would find. Without open(2) and write(2), whose numbers vary: what
 * was opened to be read, and how often another thread was woken. Those fail in failed-writes.test.ts.
 */
const changes = ['mkdir', 'rename', 'symlink', 'link', 'unlink', 'rmdir', 'fsync'];

export interface FileCall {
  readonly name: string;
  /** Which one of that name, counted from 1, as strace counts. */
  readonly ordinal: number;
  /** Its arguments, as strace prints them. */
  readonly text: string;
}

/** What is to become of one call. */
export type Fate = 'killed' | 'ENOSPC' | 'EIO';

/** Restarts the activator with one thread for files, and with `environment`. */
export async function useOneThread(environment: Readonly<Record<string, string>> = {}): Promise<void> {
  await mkdir(dropIns, { recursive: true });
  const lines = Object.entries({ UV_THREADPOOL_SIZE: '1', ...environment }).map(
    ([name, value]) => `Environment=${name}=${value}\n`,
  );
  await writeFile(`${dropIns}/faults.conf`, `[Service]\n${lines.join('')}`);
  await systemctl('daemon-reload');
  await systemctl('restart', activator);
}

export async function useThreadsAgain(): Promise<void> {
  await rm(dropIns, { recursive: true });
  await systemctl('daemon-reload');
  await systemctl('restart', activator);
}

/** The calls that change files, in order, while `act` runs. */
export async function callsOf(act: () => Promise<unknown>): Promise<readonly FileCall[]> {
  await traced([], act);
  return readCalls();
}

/** Runs `act` with one call fated; answers the calls, that one being the last if it was to kill. */
export async function tamper(
  call: FileCall,
  fate: Fate,
  act: () => Promise<unknown>,
): Promise<readonly FileCall[]> {
  const how = fate === 'killed' ? 'signal=KILL' : `error=${fate}`;
  await traced(['-e', `inject=${call.name}:${how}:when=${call.ordinal}`], act);
  return readCalls();
}

async function traced(inject: readonly string[], act: () => Promise<unknown>): Promise<void> {
  const thread = await fileThread();
  const words = [
    '-y',
    '-s',
    '300',
    '-o',
    log,
    '-e',
    `trace=${changes.join(',')}`,
    ...inject,
    '-p',
    `${thread}`,
  ];
  const strace = spawn('/usr/bin/strace', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(strace, 'close');
  await firstLineOf(strace.stderr, ended);
  try {
    await act();
  } finally {
    // It detaches, if there is anything left to detach from.
    strace.kill('SIGINT');
    await ended;
  }
}

/** strace says so once it is attached. */
async function firstLineOf(stream: NodeJS.ReadableStream, ended: Promise<unknown>): Promise<void> {
  const lines = createInterface({ input: stream });
  const deadline = AbortSignal.timeout(attachTimeoutMs);
  const line = await Promise.race([once(lines, 'line', { signal: deadline }), ended]);
  if (!/attached/.test(String(line))) throw new Error(`strace did not attach: ${String(line)}`);
}

async function fileThread(): Promise<number> {
  const pid = await mainPid(activator);
  const found: number[] = [];
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const name = await readFile(`/proc/${pid}/task/${thread}/comm`, 'utf8');
    if (name.trim() === 'libuv-worker') found.push(Number(thread));
  }
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} threads of libuv for files`);
  return only;
}

async function readCalls(): Promise<readonly FileCall[]> {
  const counts = new Map<string, number>();
  return (await readFile(log, 'utf8')).split('\n').flatMap((line): readonly FileCall[] => {
    const [, name, text] = /^(\w+)\((.*)$/.exec(line) ?? [];
    if (name === undefined || text === undefined) return [];
    const ordinal = (counts.get(name) ?? 0) + 1;
    counts.set(name, ordinal);
    return [{ name, ordinal, text }];
  });
}

/** Is it a file of ours? */
export function isOurs({ text }: FileCall): boolean {
  return text.includes('/grenadine/');
}
