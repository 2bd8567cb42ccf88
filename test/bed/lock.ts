/**
 * A lock between processes that the kernel gives back whatever becomes of its holder: flock(1) holds it for as
 * long as a `cat` reads from a pipe of ours, and our death closes the pipe.
 */
import { once } from 'node:events';
import { startCommand } from './run-command.js';

/** Runs `task` alone among all processes that name the same file. `onWait` is called if that takes a while. */
export async function withLock<T>(file: string, onWait: () => void, task: () => Promise<T>): Promise<T> {
  const holder = await startCommand(['flock', file, 'sh', '-c', 'echo locked; exec cat >/dev/null'], {
    stdin: 'pipe',
    stderr: 'inherit',
    isSession: true,
  });
  const timer = setTimeout(onWait, 1_000);
  try {
    if (holder.stdout !== null) await once(holder.stdout, 'data');
    clearTimeout(timer);
    return await task();
  } finally {
    clearTimeout(timer);
    holder.stdin?.end();
    await holder.ended;
  }
}
