/**
 * The disk side of one bed: a folder named by who owns it, which holds the overlay's upper layer and a folder
 * shared with the bed; and the sweeping of folders whose owners are dead. It mounts nothing: the overlay is
 * mounted in the bed's own mount namespace (machine.ts), so that no death of ours leaves a mount behind.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCgroup, removeCgroup } from './cgroup.js';
import type { Places } from './places.js';

export interface Layer {
  /** PID, start time and a random part: who made it, and unlike any other. */
  readonly id: string;
  readonly folder: string;
  readonly upper: string;
  readonly work: string;
  readonly mountPoint: string;
  /** Seen inside as /run/bed. */
  readonly shared: string;
  readonly cgroup: string;
  /** Where the console's text goes for keeps when a boot fails. */
  readonly failureLog: string;
}

export async function createLayer({ beds, logs }: Pick<Places, 'beds' | 'logs'>): Promise<Layer> {
  const owner = `${process.pid}-${(await startTime(process.pid)) ?? '0'}`;
  const id = `${owner}-${randomBytes(3).toString('hex')}`;
  const folder = join(beds, id);
  const inside = (name: string): string => join(folder, name);
  for (const name of ['upper', 'work', 'root', 'shared']) await mkdir(inside(name), { recursive: true });
  const cgroup = await createCgroup(`grenadine-bed-${id}`);
  await writeFile(inside('cgroup'), cgroup);
  return {
    id,
    folder,
    upper: inside('upper'),
    work: inside('work'),
    mountPoint: inside('root'),
    shared: inside('shared'),
    cgroup,
    failureLog: join(logs, `boot-${id}.log`),
  };
}

export async function removeLayer(folder: string): Promise<void> {
  const cgroup = await readFile(join(folder, 'cgroup'), 'utf8').catch(() => undefined);
  if (cgroup !== undefined) await removeCgroup(cgroup);
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Removes beds whose owners died without closing them. A PID used again has another start time. */
export async function sweepLayers(beds: string): Promise<void> {
  await mkdir(beds, { recursive: true });
  for (const name of await readdir(beds)) {
    const [pid = '', started = ''] = name.split('-');
    if (!/^\d+$/.test(pid)) continue;
    if ((await startTime(Number(pid))) !== started) await removeLayer(join(beds, name));
  }
}

/** Field 22 of proc_pid_stat(5), counted behind the command's name, which may hold anything. */
async function startTime(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
