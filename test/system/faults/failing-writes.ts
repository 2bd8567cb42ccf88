/**
 * Writes of the activator that fail with EIO, by what failing-write.c puts in the place of write(2): strace(1) counts
 * those with which a thread wakes another, too, whose number varies.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { mustRun } from '../run-command.js';

const library = '/run/failing-write.so';
const order = '/run/failing-write';
const log = `${order}.log`;

/** What a program is started with whose writes can fail. */
export const failingWrites = { LD_PRELOAD: library, FAILING_WRITE: order } as const;

export async function compileFailingWrites(): Promise<void> {
  const flags = ['-std=gnu17', '-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC'];
  await mustRun(['gcc', ...flags, '-o', library, '/src/test/system/faults/failing-write.c']);
}

/** The paths that `act` has written to, one for each write, with the one of that number failing; with 0 none does. */
export async function failWrite(ordinal: number, act: () => Promise<unknown>): Promise<readonly string[]> {
  await rm(log, { force: true });
  await writeFile(order, `${ordinal}`);
  try {
    await act();
  } finally {
    await rm(order);
  }
  return (await readFile(log, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
}
