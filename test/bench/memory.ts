/** What the processes of a unit hold in memory together: the launcher's and init's included, where there are any. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';

/** In MiB, of smaps_rollup in proc_pid_smaps(5). */
export interface Memory {
  /** Resident; what several processes share counts for each of them. */
  readonly rss: number;
  /** Resident; what several processes share, among whomever, is divided by their number. */
  readonly pss: number;
  /** Written to, and nobody else's: what goes when the process goes. */
  readonly privateDirty: number;
}

/** Constant text with positional parameters: a unit. */
const script = `set -e
group=$(systemctl show --property=ControlGroup --value "$1")
while read -r pid; do
  cat "/proc/$pid/smaps_rollup"
done <"/sys/fs/cgroup$group/cgroup.procs"`;

export async function memoryOf(bed: Bed, unit: string): Promise<Memory> {
  const rollups = await inBed(bed, 'bash', '-c', script, 'memory', unit);
  const sum = (field: string): number => {
    const found = [...rollups.matchAll(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'gm'))];
    if (found.length === 0) throw new Error(`nothing runs in ${unit}`);
    return found.reduce((total, [, kB]) => total + Number(kB), 0) / 1024;
  };
  return { rss: sum('Rss'), pss: sum('Pss'), privateDirty: sum('Private_Dirty') };
}
