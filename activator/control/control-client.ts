// Speaks to a launcher over its control socket: one request line, one reply line, each with a deadline.
// An open connection is also how the activator learns at once that a launcher has died.

import { rm } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { encodeWords } from '../../generator/config/command-words.js';
import { GrenadineError } from '../../generator/config/error.js';
import { readReply, readState, type LauncherState } from './control-reply.js';

export interface DumpOptions {
  readonly after: 'leave-running' | 'kill';
  /** The largest file that was deleted while open and still becomes part of the snapshot. */
  readonly ghostLimitBytes: number;
}

export interface Launcher {
  readonly state: () => Promise<LauncherState>;
  /** Boots the application aside (bake unit only). */
  readonly boot: () => Promise<void>;
  /** Sends the application's main process a signal, by its name; it has been sent, not taken, when this resolves. */
  readonly kill: (signal: string) => Promise<void>;
  /** Runs a command beside the application (bake unit only); rejects with `command-failed` unless it ends with 0. */
  readonly run: (words: readonly string[]) => Promise<void>;
  /** Dumps into `directory`; answers how long CRIU took, in ms. */
  readonly dump: (directory: string, options: DumpOptions, timeoutMs: number) => Promise<number>;
  /** Restores the snapshot in `directory` on fresh scratch sockets (bake unit only); answers how long it took, in ms. */
  readonly prove: (directory: string, timeoutMs: number) => Promise<number>;
  /** Rejects with `launcher-gone` when the launcher ends; never resolves. */
  readonly gone: Promise<never>;
  readonly close: () => void;
}

/** More than the launcher gives a command. */
const runTimeoutMs = 40_000;

/** `unit` is the unit's name without its suffix: `web` or `web-bake`. */
export async function connectLauncher(unit: string, runDirectory = '/run/grenadine'): Promise<Launcher> {
  const path = controlPath(unit, runDirectory);
  const socket = await connect(path, unit);
  const replies: ((line: string) => void)[] = [];
  let rest = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    // Not readline: to that, a line also ends at U+2028, which a path in a reply may hold.
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) replies.shift()?.(line);
  });
  const gone = new Promise<never>((_resolve, reject) => {
    socket.once('close', () => {
      reject(
        new GrenadineError('launcher-gone', `${unit}.service ended; see: journalctl -u ${unit}.service`),
      );
    });
  });
  // Whoever is not waiting for an answer right now is not to be told.
  gone.catch(() => undefined);

  const request = (line: string, timeoutMs: number): Promise<string> => {
    let timer: NodeJS.Timeout | undefined;
    const reply = new Promise<string>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(
          new GrenadineError(
            'launcher-timeout',
            `${unit}.service did not answer '${line}' within ${timeoutMs} ms.`,
          ),
        );
      }, timeoutMs);
      replies.push(resolve);
      socket.write(`${line}\n`);
    });
    return Promise.race([reply, gone]).finally(() => {
      clearTimeout(timer);
    });
  };
  const milliseconds = (line: string): number =>
    Number(readReply(line).find(([key]) => key === 'ms')?.[1] ?? 0);
  return {
    state: async () => readState(await request('state', 5000)),
    boot: async () => {
      readReply(await request('boot', 10_000));
    },
    kill: async (signal) => {
      readReply(await request(`kill ${signal}`, 5000));
    },
    run: async (words) => {
      readReply(await request(`run ${encodeWords(words)}`, runTimeoutMs));
    },
    dump: async (directory, { after, ghostLimitBytes }, timeoutMs) =>
      milliseconds(await request(`dump ${directory} ${after} ${ghostLimitBytes}`, timeoutMs)),
    prove: async (directory, timeoutMs) => milliseconds(await request(`prove ${directory}`, timeoutMs)),
    gone,
    close: () => socket.destroy(),
  };
}

/** What a launcher leaves that is killed. It must not run any more. */
export async function removeControlSocket(unit: string, runDirectory = '/run/grenadine'): Promise<void> {
  await rm(controlPath(unit, runDirectory), { force: true });
}

function controlPath(unit: string, runDirectory: string): string {
  return `${runDirectory}/control/${unit}.sock`;
}

function connect(path: string, unit: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => undefined); // 'close' follows, and is what is acted upon
      resolve(socket);
    });
    socket.once('error', (cause) => {
      reject(new GrenadineError('launcher-gone', `${unit}.service does not answer on ${path}.`, { cause }));
    });
  });
}
