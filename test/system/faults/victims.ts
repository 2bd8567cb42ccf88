/** Finds a process of a unit at a certain moment, and kills it there. Looks at cgroupfs and /proc without a pause, so as to be quick. */
import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

const deadlineMs = 30_000;

/** What a cgroup holds, those below it included, by name. */
function processesIn(unit: string): readonly { readonly pid: number; readonly name: string }[] {
  const home = `/sys/fs/cgroup/system.slice/${unit}`;
  try {
    return readFileSync(`${home}/cgroup.procs`, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ pid: Number(line), name: readFileSync(`/proc/${line}/comm`, 'utf8').trim() }));
  } catch {
    // One of them, or all, went meanwhile.
    return [];
  }
}

/** Kills the process of that name, once the unit has one and `isTime`; answers its PID. */
export async function killIn(unit: string, name: string, isTime = (): boolean => true): Promise<number> {
  const lateMs = Date.now() + deadlineMs;
  while (Date.now() < lateMs) {
    const found = isTime() ? processesIn(unit).filter((one) => one.name === name) : [];
    if (found.length > 0) {
      // The eldest: those that it has forked bear its name, too.
      const pid = Math.min(...found.map((one) => one.pid));
      process.kill(pid, 'SIGKILL');
      return pid;
    }
    await turn();
  }
  throw new Error(`${unit} had no process ${name} in time`);
}

/** Does a draft of the application hold a file whose name begins so? */
export function draftHolds(application: string, prefix: string): boolean {
  const tmp = `/var/lib/grenadine/${application}/tmp`;
  try {
    return readdirSync(tmp).some((draft) =>
      readdirSync(`${tmp}/${draft}/criu`).some((file) => file.startsWith(prefix)),
    );
  } catch {
    return false;
  }
}

export function hasProcess(unit: string, name: string): boolean {
  return processesIn(unit).some((one) => one.name === name);
}
