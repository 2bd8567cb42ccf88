// `grenadine status APP --timings`: the way from systemd's job to READY=1, phase by phase.

import { number, text, type Reader, type Row } from './client.js';
import type { Terminal } from './show.js';
import { renderTable, type Column } from './table.js';
import { renderJson } from './visible.js';

interface Phase {
  readonly phase: string;
  /** ms since the first phase. */
  readonly at: number;
  /** ms since the phase before; undefined for the first one, and for what runs beside the others. */
  readonly took: number | undefined;
}

const columns: readonly Column<Phase>[] = [
  { title: 'PHASE', cell: ({ phase }) => phase },
  { title: 'AT', cell: ({ at }) => `${at.toFixed(1)} ms`, align: 'right' },
  { title: 'TOOK', cell: ({ took }) => (took === undefined ? '' : `${took.toFixed(1)} ms`), align: 'right' },
];

export async function timings(
  reader: Reader,
  name: string,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  const phases = phasesOf(await reader.row('Status', [name]));
  if (json) {
    terminal.out(renderJson(phases));
    return;
  }
  if (phases.length === 0) terminal.err(`${name} has not been started since this host came up.\n`);
  else terminal.out(renderTable(columns, phases));
}

/** `row` as Status of org.grenadine.Activator1(5) answers it; empty when nothing was started. */
export function phasesOf(row: Row): readonly Phase[] {
  if (text(row, 'how') === '') return [];
  const start = number(row, 'start-us');
  const fork = number(row, 'fork-us');
  // What systemd stamped lies before, unless it tried to start the unit once more since; what a launcher did not do is 0.
  const before = [
    ['start begins', number(row, 'begun-us')],
    ['launcher forked', fork],
  ] as const;
  const after = [
    ['activator answered', number(row, 'answered-us')],
    ['namespaces ready', number(row, 'namespaces-us')],
    ['criu begins', number(row, 'criu-start-us')],
    ['criu is done', number(row, 'criu-us')],
    ['ready', number(row, 'ready-us')],
  ] as const;
  const stamps = [
    ...before.filter(([, us]) => us > 0 && us <= start),
    [fork > 0 ? 'launcher runs' : 'switch begins', start] as const,
    ...after.filter(([, us]) => us > 0).map(([phase, us]) => [phase, start + us] as const),
  ].toSorted(([, one], [, other]) => one - other);
  const first = stamps[0]?.[1] ?? 0;
  return stamps.map(([phase, us], index) => {
    const previous = stamps[index - 1]?.[1];
    return {
      phase,
      at: (us - first) / 1000,
      took: previous === undefined ? undefined : (us - previous) / 1000,
    };
  });
}
