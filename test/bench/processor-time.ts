/** The processor time that a unit has taken since it was started: unlike a rate, it hardly minds a busy machine. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';

/** Of all its processes, in ms. The kernel counts it for every cgroup, with controllers or without: cgroups(7). */
export async function processorMsOf(bed: Bed, unit: string): Promise<number> {
  const group = await inBed(bed, 'systemctl', 'show', '--property=ControlGroup', '--value', unit);
  const stat = await inBed(bed, 'cat', `/sys/fs/cgroup${group.trim()}/cpu.stat`);
  return Number(/^usage_usec (\d+)$/m.exec(stat)?.[1]) / 1000;
}
