// `grenadine verify`: has the activator read snapshots and hold them against what was published, and shows each.

import { GrenadineError } from '../../generator/config/error.js';
import { findSnapshot, type SnapshotChoice } from './change.js';
import { number, text, type Client, type Row } from './client.js';
import { progressLine } from './progress.js';
import type { Terminal } from './show.js';
import { bytes, renderTable, type Column } from './table.js';
import { usageError } from './usage.js';

const columns: readonly Column<Row>[] = [
  { title: 'NAME', cell: (row) => text(row, 'name') },
  { title: 'HASH', cell: (row) => text(row, 'id') },
  { title: 'SIZE', cell: (row) => bytes(number(row, 'bytes')), align: 'right' },
  { title: 'RESULT', cell: (row) => (text(row, 'damage') === '' ? 'ok' : `damaged: ${text(row, 'damage')}`) },
];

/** Rejects with `damaged` after all is shown where one is. Without `name` all snapshots of all applications are meant. */
export async function verify(
  client: Client,
  name: string | undefined,
  choice: SnapshotChoice,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  if (name === undefined && choice.kind !== 'latest')
    throw usageError('--from needs the name of an application');
  const names = name === undefined ? (await client.rows('List', [])).map((row) => text(row, 'name')) : [name];
  const rows: Row[] = [];
  for (const one of names) {
    const id = choice.kind === 'latest' ? '' : await findSnapshot(client, one, choice);
    rows.push(...(await verifyOne(client, one, id, terminal)));
  }
  if (json) terminal.out(`${JSON.stringify(rows, null, 2)}\n`);
  else if (rows.length > 0) terminal.out(renderTable(columns, rows));
  else terminal.err('There are no snapshots.\n');
  const damaged = rows.filter((row) => text(row, 'damage') !== '').length;
  if (damaged > 0)
    throw new GrenadineError('damaged', `${damaged} of ${rows.length} snapshots are damaged, and set aside`);
}

async function verifyOne(
  client: Client,
  name: string,
  id: string,
  terminal: Terminal,
): Promise<readonly Row[]> {
  const progress = progressLine(terminal);
  // Of a bake that is under way there are signals, too.
  await client.onProgress(name, (phase, detail) => {
    if (phase === 'verifying') progress.show(phase, detail);
  });
  return client.rows('Verify', [name, id]).finally(progress.end);
}
