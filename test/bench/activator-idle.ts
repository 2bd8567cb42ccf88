/** What the activator takes while it waits: memory, and how often it is woken. */
import { setTimeout as pause } from 'node:timers/promises';
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { memoryOf } from './memory.js';

const unit = 'grenadine-activator.service';
const watchedMs = 20_000;

export interface Idle {
  readonly rssMib: number;
  readonly pssMib: number;
  readonly wakeupsPerSecond: number;
}

/** Takes twenty seconds. Nothing may go on in the bed. */
export async function measureIdle(bed: Bed): Promise<Idle> {
  const pid = (await inBed(bed, 'systemctl', 'show', '--property=MainPID', '--value', unit)).trim();
  const before = await contextSwitches(bed, pid);
  await pause(watchedMs);
  const after = await contextSwitches(bed, pid);
  const { rss, pss } = await memoryOf(bed, unit);
  return {
    rssMib: rss,
    pssMib: pss,
    wakeupsPerSecond: (after - before) / (watchedMs / 1000),
  };
}

/** Of all threads: each time one of them runs it is switched away from sooner or later. */
async function contextSwitches(bed: Bed, pid: string): Promise<number> {
  const status = await inBed(bed, 'bash', '-c', 'cat "/proc/$1/task/"*/status', 'cat', pid);
  const counts = [...status.matchAll(/^(?:non)?voluntary_ctxt_switches:\s*(\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}
