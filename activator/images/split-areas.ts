// Cuts the runs that are mapped out of a process's areas and makes them areas of their own. Pure.

import { boundsOf, isOfFile, MAP_ANONYMOUS, pageBytes, recordOfMemory, type Run } from './memory-areas.js';
import type { MemoryRecords } from './memory-records.js';
import { vma, vmaStatus } from './schema.js';
import { getUint, setUint, type Message } from './wire.js';

const O_LARGEFILE = 0o100000;

/** `areas` are all of one process, in their order; `fresh` is the record of the file that the runs are mapped from. */
export function splitAreas(
  areas: readonly Message[],
  runs: readonly Run[],
  records: MemoryRecords,
  fresh: number,
): readonly Message[] {
  const byArea = new Map<number, Run[]>();
  for (const run of runs) {
    const inside = byArea.get(run.area);
    if (inside === undefined) byArea.set(run.area, [run]);
    else inside.push(run);
  }
  const own = new Map<number, number>();
  const ownRecord = (older: number): number => {
    const record = own.get(older) ?? records.another(older);
    own.set(older, record);
    return record;
  };
  return areas.flatMap((area, index) => {
    const older = recordOfMemory(area, records.older);
    const rest = older === undefined ? area : setUint(area, vma.shmid, ownRecord(older));
    const inside = byArea.get(index);
    return inside === undefined ? [rest] : splitArea(rest, inside, fresh);
  });
}

/** What lies between the runs stays what it was, of a file further on in that file. */
function splitArea(area: Message, runs: readonly Run[], record: number): readonly Message[] {
  const { from: start, to: end } = boundsOf(area);
  const offset = getUint(area, vma.pgoff) ?? 0;
  const between = (from: number, to: number): readonly Message[] => {
    if (from === to) return [];
    const part = setUint(setUint(area, vma.start, from), vma.end, to);
    return [isOfFile(area) ? setUint(part, vma.pgoff, offset + from - start) : part];
  };
  let at = start;
  const parts = runs.flatMap((run) => {
    const before = between(at, run.from);
    at = run.to;
    return [...before, mappedArea(area, run, record)];
  });
  return [...parts, ...between(at, end)];
}

/** Protection, advice and everything else that is known or unknown of the area stay. */
function mappedArea(area: Message, { from, to, page }: Run, record: number): Message {
  const changes: readonly (readonly [field: number, value: number])[] = [
    [vma.start, from],
    [vma.end, to],
    [vma.pgoff, page * pageBytes],
    [vma.shmid, record],
    [vma.flags, (getUint(area, vma.flags) ?? 0) & ~MAP_ANONYMOUS],
    [vma.status, vmaStatus.REGULAR | vmaStatus.FILE_PRIVATE],
    [vma.fdflags, O_LARGEFILE],
  ];
  return changes.reduce((changed, [field, value]) => setUint(changed, field, value), area);
}
