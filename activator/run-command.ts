// Runs a program without a shell, bounded in time and output. The only file of the activator that starts processes.

import { execFile, spawn } from 'node:child_process';
import { GrenadineError } from '../generator/config/error.js';

export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `argv`; a status other than 0 is an answer, a program that cannot start or outlives `timeoutMs` is an error. */
export function runCommand(
  argv: readonly [string, ...string[]],
  options: { readonly timeoutMs: number },
): Promise<CommandResult> {
  const [program, ...args] = argv;
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { timeout: options.timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1 << 20, encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (error === null) resolve({ status: 0, stdout, stderr });
        else if (typeof error.code === 'number') resolve({ status: error.code, stdout, stderr });
        else
          reject(
            new GrenadineError('command-failed', `${program} could not be run: ${error.message}`, {
              cause: error,
            }),
          );
      },
    );
  });
}

/**
 * Starts a program that reads until it is closed, and answers what writes to it: false where it has ended, or never
 * started. What is written waits for it as long as it likes.
 */
export function startWriter(argv: readonly [string, ...string[]]): (text: string) => boolean {
  const [program, ...args] = argv;
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'inherit'] });
  let isRunning = true;
  const gone = (): void => {
    isRunning = false;
  };
  child.once('error', gone).once('close', gone);
  child.stdin.once('error', gone);
  child.unref();
  return (text) => {
    if (isRunning) child.stdin.write(text);
    return isRunning;
  };
}
