// The commands that only read: list, status, why. Each prints a table for people or, with --json, the rows themselves.

import { number, text, texts, type Reader, type Row } from './client.js';
import { ago, bytes, milliseconds, renderTable, type Column } from './table.js';
import { renderJson } from './visible.js';

/** Where a command writes, and whether it may colour. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly isColoured: boolean;
  readonly isErrTerminal: boolean;
  readonly nowMs: number;
}

const dash = (value: string): string => (value === '' ? '-' : value);

const applicationColumns: readonly Column<Row>[] = [
  { title: 'NAME', cell: (row) => text(row, 'name') },
  { title: 'STATE', cell: (row) => dash(states(row, text(row, 'state'))) },
  { title: 'CAME UP', cell: (row) => dash(text(row, 'how')) },
  { title: 'RELEASE', cell: (row) => dash(text(row, 'release')) },
  {
    title: 'SNAPSHOT',
    cell: (row) =>
      text(row, 'pinned') === '' ? dash(text(row, 'snapshot')) : `${text(row, 'pinned')} (pinned)`,
  },
  { title: 'SNAPSHOTS', cell: (row) => dash(count(row)), align: 'right' },
  { title: 'BAKE', cell: (row) => dash(text(row, 'baking')) },
  {
    title: 'PROBLEM',
    cell: (row) => [text(row, 'problem'), usesUp(row)].filter((part) => part !== '').join('; '),
  },
];

/** '' where only the activator would know. */
function count(row: Row): string {
  return row['snapshots'] === undefined ? '' : `${number(row, 'snapshots')}`;
}

function snapshotColumns(nowMs: number): readonly Column<Row>[] {
  return [
    { title: 'N', cell: (row) => `${number(row, 'number')}`, align: 'right' },
    { title: 'HASH', cell: (row) => text(row, 'id') },
    { title: 'RELEASE', cell: (row) => dash(text(row, 'release')) },
    { title: 'MADE', cell: (row) => ago(number(row, 'created-us') / 1000, nowMs) },
    { title: 'SIZE', cell: (row) => bytes(number(row, 'bytes')), align: 'right' },
    {
      title: 'COLD BOOT',
      // A dump of what was running anyway had no cold boot of its own.
      cell: (row) => (number(row, 'cold-ms') === 0 ? '-' : milliseconds(number(row, 'cold-ms'))),
      align: 'right',
    },
    { title: 'RESTORE', cell: (row) => milliseconds(number(row, 'prove-ms')), align: 'right' },
    {
      title: 'STATE',
      cell: (row) =>
        [row['pinned'] === true ? 'pinned' : '', row['current'] === true ? 'current' : '', validity(row)]
          .filter((part) => part !== '')
          .join(', '),
    },
  ];
}

function validity(row: Row): string {
  if (row['used'] === true) return `used: ${text(row, 'stale')}`;
  if (row['valid'] !== true) return `stale: ${text(row, 'stale')}`;
  return text(row, 'reuse') === 'once' ? `valid for one start: ${text(row, 'reuse-why')}` : 'valid';
}

export async function list(
  reader: Reader,
  name: string | undefined,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  const rows =
    name === undefined ? await reader.rows('List', []) : await reader.rows('ListSnapshots', [name]);
  if (json) {
    terminal.out(renderJson(rows));
    return;
  }
  if (rows.length > 0) {
    const columns = name === undefined ? applicationColumns : snapshotColumns(terminal.nowMs);
    terminal.out(renderTable(columns, rows));
    return;
  }
  terminal.err(
    name === undefined
      ? 'No applications. Write one as /etc/grenadine/apps/NAME.conf (grenadine.app(5)), then: systemctl daemon-reload\n'
      : `No snapshots of '${name}' yet. Make one: grenadine bake ${name}\n`,
  );
}

export async function status(reader: Reader, name: string, json: boolean, terminal: Terminal): Promise<void> {
  const row = await reader.row('Status', [name]);
  if (json) {
    terminal.out(renderJson(row));
    return;
  }
  const description = text(row, 'description');
  const timings = phases(row);
  terminal.out(
    block(strong(text(row, 'name'), terminal) + (description === '' ? '' : ` - ${description}`), [
      ['State', stateText(row)],
      ['Came up', cameUp(row)],
      ['Timings', timings],
      ['Release', text(row, 'release')],
      ['Snapshot', text(row, 'snapshot')],
      [
        'Pinned',
        text(row, 'pinned') === ''
          ? ''
          : `${text(row, 'pinned')}; release it: grenadine restore ${text(row, 'name')} --latest`,
      ],
      ['Snapshots', count(row)],
      ['Reuse', reuse(row)],
      ['Bake', text(row, 'baking')],
      ['Degraded', alarm(degradedText(row, text(row, 'name')), terminal)],
      ['Problem', alarm(text(row, 'problem'), terminal)],
      ['Config', texts(row, 'sources').join(', ')],
    ]),
  );
}

export async function why(reader: Reader, name: string, json: boolean, terminal: Terminal): Promise<void> {
  const row = await reader.row('Why', [name]);
  if (json) {
    terminal.out(renderJson(row));
    return;
  }
  terminal.out(
    block(`${strong(name, terminal)}: ${cameUp(row)}`, [
      ['Because', because(row)],
      ['Memory', memory(row)],
      ['Reuse', reuse(row)],
      ['Timings', phases(row)],
      ...texts(row, 'failed').map((line) => ['Failed', line] as const),
      ...texts(row, 'log').map((line) => ['CRIU', line] as const),
      ...texts(row, 'stale').map((line) => ['Stale', line] as const),
      ['Set aside', text(row, 'set-aside')],
      ['Ended', text(row, 'ended')],
      ['Degraded', alarm(degradedText(row, name), terminal)],
      ['Problem', alarm(text(row, 'problem'), terminal)],
      ['Advice', text(row, 'advice')],
    ]),
  );
}

function because(row: Row): string {
  // It would have named another one, perhaps, or none.
  const without = text(row, 'answer') === 'plan' ? ', without the activator, which did not answer' : '';
  return [`${text(row, 'reason')}${without}`, text(row, 'detail')].filter((part) => part !== '').join('; ');
}

function stateText(row: Row): string {
  const pid = number(row, 'main-pid');
  return states(row, pid > 0 ? `${text(row, 'state')} (main PID ${pid})` : text(row, 'state'));
}

/** systemd's state, and ours beside it. */
function states(row: Row, state: string): string {
  return text(row, 'degraded') === '' ? state : `${state}, degraded`;
}

/** The reason is not said twice: most often it is the problem, too. */
function degradedText(row: Row, name: string): string {
  const reason = text(row, 'degraded');
  if (reason === '') return '';
  const because = text(row, 'problem').includes(reason) ? '' : `, for ${reason}`;
  return `each start is a cold boot${because}; all that stands in the way: grenadine doctor ${name}`;
}

function cameUp(row: Row): string {
  switch (text(row, 'how')) {
    case 'restored':
      return `restored from snapshot ${text(row, 'restored-from')} in ${milliseconds(number(row, 'ready-us') / 1000)}`;
    case 'cold':
      return `booted cold (${text(row, 'code')})`;
    default:
      return 'not started since this host came up';
  }
}

/** Of the snapshot that it came up from. */
function memory(row: Row): string {
  const reason = text(row, 'memory-why');
  return reason === '' ? text(row, 'memory') : `${text(row, 'memory')}: ${reason}`;
}

/** '' where a snapshot serves any number of starts, and nothing is to be said about that. */
function reuse(row: Row): string {
  return text(row, 'reuse') === 'once' ? usesUp(row) : text(row, 'reuse-why');
}

function usesUp(row: Row): string {
  if (text(row, 'reuse') !== 'once') return '';
  return `each start uses a snapshot up, and the next one is baked: ${text(row, 'reuse-why')}`;
}

/** The launcher's phases, each as the time since its start. */
function phases(row: Row): string {
  return ['answered', 'namespaces', 'criu', 'ready']
    .filter((phase) => number(row, `${phase}-us`) > 0)
    .map((phase) => `${phase} ${(number(row, `${phase}-us`) / 1000).toFixed(1)} ms`)
    .join(', ');
}

/** What an operator's eye should find first; plain where the output is no terminal (or NO_COLOR is set). */
function strong(text: string, terminal: Terminal): string {
  return terminal.isColoured ? `\x1b[1m${text}\x1b[0m` : text;
}

function alarm(text: string, terminal: Terminal): string {
  return terminal.isColoured && text !== '' ? `\x1b[31m${text}\x1b[0m` : text;
}

/** A heading and aligned `Key: value` lines; keys without a value are left out, a repeated key is written once. */
function block(heading: string, pairs: readonly (readonly [string, string])[]): string {
  let previous = '';
  const lines = pairs
    .filter(([, value]) => value !== '')
    .map(([key, value]) => {
      const label = key === previous ? '' : `${key}:`;
      previous = key;
      return `${label.padStart(12)} ${value}\n`;
    });
  return `${heading}\n${lines.join('')}`;
}
