// The commands that only read: list, status, why. Each prints a table for people or, with --json, the rows themselves.

import { number, text, texts, type Client, type Row } from './client.js';
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
  { title: 'SNAPSHOTS', cell: (row) => `${number(row, 'snapshots')}`, align: 'right' },
  { title: 'BAKE', cell: (row) => dash(text(row, 'baking')) },
  {
    title: 'PROBLEM',
    cell: (row) => [text(row, 'problem'), usesUp(row)].filter((part) => part !== '').join('; '),
  },
];

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
  client: Client,
  name: string | undefined,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  const rows =
    name === undefined ? await client.rows('List', []) : await client.rows('ListSnapshots', [name]);
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

export async function status(client: Client, name: string, json: boolean, terminal: Terminal): Promise<void> {
  const row = await client.row('Status', [name]);
  if (json) {
    terminal.out(renderJson(row));
    return;
  }
  const description = text(row, 'description');
  terminal.out(
    block(strong(text(row, 'name'), terminal) + (description === '' ? '' : ` - ${description}`), [
      ['State', stateText(row)],
      ['Came up', cameUp(row)],
      ['Timings', phases(row)],
      ['Release', text(row, 'release')],
      ['Snapshot', currentSnapshot(row)],
      [
        'Pinned',
        text(row, 'pinned') === ''
          ? ''
          : `${text(row, 'pinned')}; release it: grenadine restore ${text(row, 'name')} --latest`,
      ],
      ['Snapshots', snapshots(row)],
      ['Reuse', reuse(row)],
      ['Bake', text(row, 'baking')],
      ['Ended', text(row, 'ended')],
      ['Degraded', alarm(degradedText(row, `; see: grenadine why ${text(row, 'name')}`), terminal)],
      ['Problem', alarm(text(row, 'problem'), terminal)],
      ['Config', texts(row, 'sources').join(', ')],
    ]),
  );
}

export async function why(client: Client, name: string, json: boolean, terminal: Terminal): Promise<void> {
  const row = await client.row('Why', [name]);
  if (json) {
    terminal.out(renderJson(row));
    return;
  }
  terminal.out(
    block(`${strong(name, terminal)}: ${cameUp(row)}`, [
      ['Because', because(row)],
      ['Advice', text(row, 'advice')],
      ['Memory', memory(row)],
      ['Reuse', reuse(row)],
      ['Timings', phases(row)],
      ...texts(row, 'failed').map((line) => ['Failed', line] as const),
      ...news(texts(row, 'log'), texts(row, 'failed')).map((line) => ['CRIU', line] as const),
      ...news(texts(row, 'stale'), [text(row, 'reason')]).map((line) => ['Stale', line] as const),
      ...news([text(row, 'set-aside')], texts(row, 'failed')).map((line) => ['Set aside', line] as const),
      ['Ended', text(row, 'ended')],
      ['Degraded', alarm(degradedText(row, ''), terminal)],
      ['Problem', alarm(text(row, 'problem'), terminal)],
      ...news([text(row, 'bake-said')], [text(row, 'problem')]).map((line) => ['Bake said', line] as const),
    ]),
  );
}

/** The reason, and what the launcher said to it where that stands nowhere else. */
function because(row: Row): string {
  const detail = text(row, 'detail');
  const isSaid = [...texts(row, 'failed'), text(row, 'reason')].some((line) => line.includes(detail));
  return isSaid || detail === '' ? text(row, 'reason') : `${text(row, 'reason')} (${detail})`;
}

/** Those lines that none of the others holds: nobody reads the same thing twice. */
function news(lines: readonly string[], others: readonly string[]): readonly string[] {
  return lines.filter((line) => !others.some((other) => other.includes(line)));
}

function stateText(row: Row): string {
  const pid = number(row, 'main-pid');
  return states(row, pid > 0 ? `${text(row, 'state')} (main PID ${pid})` : text(row, 'state'));
}

/** systemd's state, and ours beside it. */
function states(row: Row, state: string): string {
  return text(row, 'degraded') === '' ? state : `${state}, degraded`;
}

function currentSnapshot(row: Row): string {
  const id = text(row, 'snapshot');
  const stale = texts(row, 'stale').find((line) => line.startsWith(`${id}: `));
  return id === '' || stale === undefined ? id : `${id} (stale: ${stale.slice(id.length + 2)})`;
}

function snapshots(row: Row): string {
  const count = number(row, 'snapshots');
  return count > 0 && texts(row, 'stale').length === count ? `${count}, none of which may serve` : `${count}`;
}

/** The reason is not said twice: most often it is the problem, too. */
function degradedText(row: Row, hint: string): string {
  const reason = text(row, 'degraded');
  if (reason === '') return '';
  const because = text(row, 'problem').includes(reason) ? '' : `, because ${reason}`;
  return `each start is a cold boot${because}${hint}`;
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

/** The launcher's phases, each as the time since its start. A cold boot's last is the command's start, not its answer. */
function phases(row: Row): string {
  const isCold = text(row, 'how') === 'cold';
  const names = isCold
    ? { answered: 'activator answered', ready: 'command started' }
    : { answered: 'activator answered', namespaces: 'namespaces', criu: 'criu', ready: 'ready' };
  const lost = isCold && texts(row, 'failed').length > 0 ? ', the snapshots that failed included' : '';
  const told = Object.entries(names)
    .filter(([phase]) => number(row, `${phase}-us`) > 0)
    .map(([phase, words]) => `${words} ${(number(row, `${phase}-us`) / 1000).toFixed(1)} ms`);
  return told.join(', ') + (told.length === 0 ? '' : lost);
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
