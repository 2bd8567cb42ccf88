/** What the activator holds in memory while it waits. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import type { Question, Sample } from './question.js';

const unit = 'grenadine-activator.service';
const fields = ['Rss', 'Pss'] as const;

const rowOf = (field: string): string => `activator-${field.toLowerCase()}`;

async function round(bed: Bed): Promise<readonly Sample[]> {
  const pid = (await inBed(bed, 'systemctl', 'show', '--property=MainPID', '--value', unit)).trim();
  const rollup = await inBed(bed, 'cat', `/proc/${pid}/smaps_rollup`);
  return fields.map((field) => ({
    row: rowOf(field),
    value: Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(rollup)?.[1]) / 1024,
  }));
}

export const activatorMemory: Question = {
  name: 'activator',
  title: 'Memory of the activator while it waits',
  rows: fields.map((field) => ({
    name: rowOf(field),
    what: `activator, memory (${field.toUpperCase()})`,
    unit: 'MiB',
  })),
  ratios: [],
  prepare: async (bed) => {
    await inBed(bed, 'systemctl', 'start', unit);
  },
  round,
};
