// `grenadine verify`: has the activator read snapshots and hold them against what was published, and shows each.

import { GrenadineError } from '../../generator/config/error.js';
import { findSnapshot, type SnapshotChoice } from './change.js';
import { number, text, type Client, type Row } from './client.js';
import { describe, exitStatus, statusOf } from './exit-status.js';
import { progressLine } from './progress.js';
import type { Terminal } from './show.js';
import { bytes, renderTable, type Column } from './table.js';
import { usageError } from './usage.js';
import { renderJson } from './visible.js';

const columns: readonly Column<Row>[] = [
  { title: 'NAME', cell: (row) => text(row, 'name') },
  { title: 'HASH', cell: (row) => text(row, 'id') },
  { title: 'SIZE', cell: (row) => bytes(number(row, 'bytes')), align: 'right' },
  { title: 'RESULT', cell: (row) => (text(row, 'damage') === '' ? 'ok' : `damaged: ${text(row, 'damage')}`) },
];

interface Found {
  readonly rows: readonly Row[];
  /** Of applications that could not be verified. */
  readonly faults: readonly GrenadineError[];
  /** Why the rest was not tried. */
  readonly end?: GrenadineError;
}

/** Of these the next application would fail in the same way. */
const concernsAll: readonly number[] = [exitStatus.unreachable, exitStatus.notPermitted];

/**
 * Without `name` all snapshots of all applications are meant. Whatever fails, what was found is shown; then it rejects, with
 * `damaged` where a snapshot is, with `not-verified` where nobody knows of one.
 */
export async function verify(
  client: Client,
  name: string | undefined,
  choice: SnapshotChoice,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  if (name === undefined && choice.kind !== 'latest')
    throw usageError('--from needs the name of an application');
  const { rows, faults, end }: Found =
    name === undefined
      ? await verifyAll(client, terminal)
      : { rows: await verifyChosen(client, name, choice, terminal), faults: [] };
  const failures = [...faults, ...damageOf(rows), ...(end === undefined ? [] : [end])];
  if (json) terminal.out(renderJson(rows));
  else if (rows.length > 0) terminal.out(renderTable(columns, rows));
  else if (failures.length === 0) terminal.err('There are no snapshots.\n');
  for (const failure of failures.slice(0, -1)) terminal.err(`grenadine: ${describe(failure)}\n`);
  const last = failures.at(-1);
  if (last !== undefined) throw last;
}

async function verifyAll(client: Client, terminal: Terminal): Promise<Found> {
  const rows: Row[] = [];
  const faults: GrenadineError[] = [];
  for (const name of (await client.rows('List', [])).map((row) => text(row, 'name'))) {
    try {
      rows.push(...(await verifyOne(client, name, '', terminal)));
    } catch (error) {
      if (!(error instanceof GrenadineError)) throw error;
      if (concernsAll.includes(statusOf(error))) return { rows, faults, end: error };
      // It was taken away since it was listed, as the canary of a diagnosis is.
      if (error.code === 'org.grenadine.Error.NoSuchApplication') continue;
      const what = `${name} could not be verified: ${error.message}`;
      faults.push(new GrenadineError('not-verified', what, { cause: error }));
    }
  }
  return { rows, faults };
}

async function verifyChosen(
  client: Client,
  name: string,
  choice: SnapshotChoice,
  terminal: Terminal,
): Promise<readonly Row[]> {
  const id = choice.kind === 'latest' ? '' : await findSnapshot(client, name, choice);
  return verifyOne(client, name, id, terminal);
}

function damageOf(rows: readonly Row[]): readonly GrenadineError[] {
  const damaged = rows.filter((row) => text(row, 'damage') !== '').length;
  if (damaged === 0) return [];
  return [new GrenadineError('damaged', `${damaged} of ${rows.length} snapshots are damaged, and set aside`)];
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
