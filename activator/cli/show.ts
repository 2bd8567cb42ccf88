// The commands that only read: list, status, why. Each prints a table for people or, with --json, the rows themselves.

import { number, text, texts, type Reader, type Row } from './client.js';
import {
  because,
  news,
  stateText,
  states,
  currentSnapshot,
  snapshots,
  degradedText,
  cameUp,
  memory,
  reuse,
  usesUp,
  phases,
  count,
} from './row-words.js';
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

export async function why(reader: Reader, name: string, json: boolean, terminal: Terminal): Promise<void> {
  const row = await reader.row('Why', [name]);
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
