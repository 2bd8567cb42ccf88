/** What the activator holds in memory while it waits. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { summarize } from './statistics.js';
import type { Result } from './table.js';

export async function measureActivator(bed: Bed): Promise<readonly Result[]> {
  const unit = 'grenadine-activator.service';
  await inBed(bed, 'systemctl', 'start', unit);
  const pid = (await inBed(bed, 'systemctl', 'show', '--property=MainPID', '--value', unit)).trim();
  const rollup = await inBed(bed, 'cat', `/proc/${pid}/smaps_rollup`);
  return ['Rss', 'Pss'].map((field) => {
    const samples = [Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(rollup)?.[1]) / 1024];
    const what = `activator, memory (${field.toUpperCase()})`;
    return {
      name: `activator-${field.toLowerCase()}`,
      what,
      unit: 'MiB',
      samples,
      summary: summarize(samples),
    };
  });
}
