/** What the activator holds in memory while it waits. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { memoryOf } from './memory.js';
import type { Question, Sample } from './question.js';

const unit = 'grenadine-activator.service';
const fields = ['rss', 'pss'] as const;

const rowOf = (field: string): string => `activator-${field}`;

async function round(bed: Bed): Promise<readonly Sample[]> {
  const memory = await memoryOf(bed, unit);
  return fields.map((field) => ({ row: rowOf(field), value: memory[field] }));
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
