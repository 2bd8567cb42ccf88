/** Every fault that is tried, by the rung on which it happens. test/faults.md has what came of it. */
import { activatorGroups } from './activator-faults.js';
import { criuGroups } from './criu-faults.js';
import type { FaultGroup } from './fault.js';
import { hostGroups } from './host-faults.js';
import { imageGroups } from './image-faults.js';
import { processGroups } from './process-faults.js';

export const allFaults: readonly FaultGroup[] = [
  ...activatorGroups,
  ...criuGroups,
  ...imageGroups,
  ...processGroups,
  ...hostGroups,
];
