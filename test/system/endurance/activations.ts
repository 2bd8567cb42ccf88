/** Asks the activator and reports to it as launchers do (starts.c), and waits until it has taken all of it in. */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { mustRun } from '../run-command.js';

const program = '/run/starts';
const deadlineMs = 600_000;

export async function compileStarts(): Promise<void> {
  const source = '/src/test/system/endurance/starts.c';
  await mustRun([
    'gcc',
    '-std=gnu17',
    '-O2',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-o',
    program,
    source,
    '-lsystemd',
  ]);
}

/** `snapshot` is what the activator is to answer. */
export async function activate(
  name: string,
  configuration: string,
  snapshot: string,
  times: number,
): Promise<void> {
  const lastUs = (await mustRun([program, name, configuration, snapshot, `${times}`], deadlineMs)).trim();
  // The activator writes it down of each start, as the last thing.
  const path = `/run/grenadine/started/${name}`;
  const lateMs = Date.now() + deadlineMs;
  while (!(await readFile(path, 'utf8').catch(() => '')).includes(lastUs)) {
    if (Date.now() > lateMs) throw new Error('the last report was not taken in');
    await pause(100);
  }
}
