/** Runs a program of the bed: arguments as an array, a deadline, one flat result. The only starter of processes here. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export interface CommandResult {
  /** The exit status; -1 when a signal or the deadline ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const defaultTimeoutMs = 30_000;

/** A status other than 0 is an answer here. */
export function runCommand(
  argv: readonly string[],
  timeoutMs: number = defaultTimeoutMs,
): Promise<CommandResult> {
  const [program = '', ...args] = argv;
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { timeout: timeoutMs, killSignal: 'SIGKILL', encoding: 'utf8', maxBuffer: 1 << 24 },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ status, stdout, stderr: stderr === '' && status !== 0 ? (error?.message ?? '') : stderr });
      },
    );
  });
}

/** Answers standard output; throws, with what the program said, when it fails. */
export async function mustRun(
  argv: readonly string[],
  timeoutMs: number = defaultTimeoutMs,
): Promise<string> {
  const { status, stdout, stderr } = await runCommand(argv, timeoutMs);
  if (status !== 0) throw new Error(`'${argv.join(' ')}' ended with status ${status}\n${stdout}${stderr}`);
  return stdout;
}

/** Starts a program that prints line after line, and answers the first line that is wanted; then ends it. */
export async function firstLine(
  argv: readonly string[],
  isWanted: (line: string) => boolean,
  timeoutMs: number = defaultTimeoutMs,
): Promise<string> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: timeoutMs });
  const ended = once(child, 'close');
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (isWanted(line)) return line;
    }
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
  throw new Error(`'${argv.join(' ')}' printed nothing that was waited for within ${timeoutMs} ms`);
}

export interface RunningProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** The exit status, -1 after a signal. */
  readonly ended: Promise<number>;
  readonly kill: () => void;
}

/** Starts a program that runs beside the test, with pipes for its input and output. */
export function startProgram(argv: readonly string[]): RunningProgram {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? -1);
    });
  });
  return { stdin: child.stdin, stdout: child.stdout, ended, kill: () => void child.kill('SIGKILL') };
}
