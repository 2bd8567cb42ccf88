/** Waits until the machine rests: what one question leaves behind, a daemon that starts, must not meet the next one. */
import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

const lookMs = 300;
const longestMs = 15_000;
/** Of all processors together. */
const mostBusy = 0.1;

/** Answers whether it came to rest; a machine that is busy with other things never does. */
export async function awaitRest(): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < longestMs; waitedMs += lookMs) {
    const before = processorTimes();
    await pause(lookMs);
    const now = processorTimes();
    if (1 - (now.idle - before.idle) / (now.all - before.all) <= mostBusy) return true;
  }
  return false;
}

function processorTimes(): { readonly idle: number; readonly all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const idle = times.reduce((sum, one) => sum + one.idle, 0);
  const all = times.reduce((sum, one) => sum + one.user + one.nice + one.sys + one.irq + one.idle, 0);
  return { idle, all };
}
