/**
 * The only place of the bed that starts a process: arguments always as an array, every wait bounded,
 * one flat result for success and failure. It knows nothing of beds.
 */
import { spawn, type SpawnOptions } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { BedError } from './bed-error.js';

export interface CommandResult {
  /** The exit status, or 128+n when signal n ended it, as a shell says it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Stream = 'pipe' | 'inherit' | 'ignore' | number;

export interface StartOptions {
  readonly stdin?: Stream;
  readonly stdout?: Stream;
  readonly stderr?: Stream;
  /** The whole environment; that of this process when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A session of its own, so that the terminal's signals do not reach it. */
  readonly isSession?: boolean;
}

export interface StartedCommand {
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Settles once the process has ended and its pipes are drained; rejects never. */
  readonly ended: Promise<number>;
  /** Kills the process, if it has not ended, and none of its children. */
  readonly kill: () => void;
}

export interface RunOptions {
  readonly input?: string;
  /** 60 seconds when absent. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 60_000;

/** Starts a command; rejects with `command-not-started` when there is no such program. */
export async function startCommand(
  argv: readonly string[],
  options: StartOptions = {},
): Promise<StartedCommand> {
  const [program = '', ...args] = argv;
  const spawnOptions: SpawnOptions = {
    stdio: [options.stdin ?? 'ignore', options.stdout ?? 'pipe', options.stderr ?? 'pipe'],
    detached: options.isSession ?? false,
    ...(options.env === undefined ? {} : { env: options.env }),
  };
  const child = spawn(program, args, spawnOptions);
  const ended = new Promise<number>((resolve) => {
    child.once('close', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => {
      reject(new BedError('command-not-started', `cannot start '${program}': ${cause.message}`, { cause }));
    });
  });
  const { pid = 0, stdin, stdout, stderr } = child;
  return { pid, stdin, stdout, stderr, ended, kill: () => void child.kill('SIGKILL') };
}

/** Collects what a started command says until it ends or its time is up. */
export async function finishCommand(
  argv: readonly string[],
  started: Pick<StartedCommand, 'stdin' | 'stdout' | 'stderr' | 'ended'> & { readonly kill: () => unknown },
  options: RunOptions = {},
): Promise<CommandResult> {
  const stdout = collect(started.stdout);
  const stderr = collect(started.stderr);
  // A command that ends without reading its input is no error of ours: EPIPE says just that.
  started.stdin?.on('error', () => undefined);
  started.stdin?.end(options.input ?? '');

  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const lateness = new AbortController();
  const timer = setTimeout(() => {
    lateness.abort();
    void started.kill();
  }, timeoutMs);
  const status = await started.ended;
  clearTimeout(timer);
  if (lateness.signal.aborted) {
    const said = lastLines(stdout() + stderr(), 20);
    throw new BedError('command-timed-out', `'${argv.join(' ')}' took longer than ${timeoutMs} ms\n${said}`);
  }
  return { status, stdout: stdout(), stderr: stderr() };
}

/** Runs a command of the host to its end. */
export async function runCommand(
  argv: readonly string[],
  options: RunOptions & StartOptions = {},
): Promise<CommandResult> {
  const stdin = options.input === undefined ? 'ignore' : 'pipe';
  const started = await startCommand(argv, { ...options, stdin });
  return finishCommand(argv, started, options);
}

export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

function collect(stream: Readable | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}
