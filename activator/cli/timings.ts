// `grenadine status APP --timings`: the way from systemd's fork to READY=1, phase by phase.

import { number, text, type Client, type Row } from './client.js';
import type { Terminal } from './show.js';
import { renderTable, type Column } from './table.js';

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
  client: Client,
  name: string,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  const phases = phasesOf(await client.row('Status', [name]));
  if (json) {
    terminal.out(`${JSON.stringify(phases, null, 2)}\n`);
    return;
  }
  if (phases.length === 0) terminal.err(`${name} has not been started since this host came up.\n`);
  else terminal.out(renderTable(columns, phases));
}

/** `row` as Status of org.grenadine.Activator1(5) answers it; empty when nothing was started. */
export function phasesOf(row: Row): readonly Phase[] {
  if (text(row, 'how') === '') return [];
  const start = number(row, 'start-us');
  const since = (key: string): number => start + number(row, key);
  const stamps = [
    ['launcher forked', number(row, 'fork-us')],
    [number(row, 'fork-us') > 0 ? 'launcher runs' : 'switch begins', start],
    ['activator answered', since('answered-us')],
    ['namespaces ready', since('namespaces-us')],
    ['criu begins', since('criu-start-us')],
    ['criu is done', since('criu-us')],
    ['ready', since('ready-us')],
  ] as const;
  const known = stamps
    .filter(([, us], index) => us > 0 && (index < 2 || us > start))
    .toSorted(([, one], [, other]) => one - other);
  const first = known[0]?.[1] ?? 0;
  return known.map(([phase, us], index) => {
    const before = known[index - 1]?.[1];
    return {
      phase,
      at: (us - first) / 1000,
      took: before === undefined ? undefined : (us - before) / 1000,
    };
  });
}
