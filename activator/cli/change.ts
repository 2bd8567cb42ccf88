// The commands that change something: bake, dump, restore, kill. Each asks the daemon and says what came of it.

import { constants } from 'node:os';
import { GrenadineError } from '../../generator/config/error.js';
import { number, text, type Client } from './client.js';
import { progressLine } from './progress.js';
import type { Terminal } from './show.js';
import { bytes } from './table.js';
import { usageError } from './usage.js';
import { renderJson } from './visible.js';

export function bake(client: Client, name: string, terminal: Terminal): Promise<void> {
  return publish(client, name, () => client.call('Bake', [name]), terminal);
}

export function dump(client: Client, name: string, isStopped: boolean, terminal: Terminal): Promise<void> {
  return publish(client, name, () => client.call('Dump', [name, isStopped]), terminal);
}

/** Shows how far `make` is, which answers the id of the snapshot that it has published. */
async function publish(
  client: Client,
  name: string,
  make: () => Promise<unknown>,
  terminal: Terminal,
): Promise<void> {
  const progress = progressLine(terminal);
  await client.onProgress(name, progress.show);
  const id = await make().finally(progress.end);
  terminal.out(`${name}: published snapshot ${String(id)}\n`);
}

/** Which snapshot `restore` is to start: a number of `grenadine list NAME`, a hash or its beginning, or the latest. */
export type SnapshotChoice =
  | { readonly kind: 'latest' }
  | { readonly kind: 'number'; readonly number: string }
  | { readonly kind: 'hash'; readonly from: string };

/** A choice is a pin: it stays until the latest is asked for again. */
export async function restore(
  client: Client,
  name: string,
  choice: SnapshotChoice,
  terminal: Terminal,
): Promise<void> {
  const wanted = choice.kind === 'latest' ? '' : await findSnapshot(client, name, choice);
  const served = await client.call('Restore', [name, wanted]);
  if (served === '' || (wanted !== '' && served !== wanted))
    throw new GrenadineError(
      'restore-failed',
      `${name} came up, but not from the wanted snapshot; see: grenadine why ${name}`,
    );
  const pinned = wanted === '' ? '' : ', and pinned to it';
  terminal.out(`${name}: restored from snapshot ${String(served)}${pinned}\n`);
}

/** The id of the one snapshot that is meant. */
export async function findSnapshot(
  client: Client,
  name: string,
  choice: Exclude<SnapshotChoice, { readonly kind: 'latest' }>,
): Promise<string> {
  if (choice.kind === 'number' && !/^[1-9]\d*$/.test(choice.number))
    throw usageError(`'${choice.number}' is not a snapshot's number`);
  const found = (await client.rows('ListSnapshots', [name])).filter((row) =>
    choice.kind === 'number'
      ? number(row, 'number') === Number(choice.number)
      : text(row, 'id').startsWith(choice.from),
  );
  const [snapshot] = found;
  if (snapshot !== undefined && found.length === 1) return text(snapshot, 'id');
  const what =
    choice.kind === 'number'
      ? `no snapshot number ${choice.number}`
      : `${found.length} snapshots that begin with ${choice.from}`;
  throw new GrenadineError(
    'org.grenadine.Error.NoSuchSnapshot',
    `'${name}' has ${what}; see: grenadine list ${name}`,
  );
}

export async function remove(
  client: Client,
  name: string,
  choice: Exclude<SnapshotChoice, { readonly kind: 'latest' }>,
  terminal: Terminal,
): Promise<void> {
  const id = await findSnapshot(client, name, choice);
  await client.call('Remove', [name, id]);
  terminal.out(`${name}: removed snapshot ${id}\n`);
}

export async function prune(
  client: Client,
  isDryRun: boolean,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  const rows = await client.rows('Prune', [isDryRun]);
  if (json) {
    terminal.out(renderJson(rows));
    return;
  }
  const did = isDryRun ? 'would remove' : 'removed';
  for (const row of rows)
    terminal.out(
      `${text(row, 'name')}: ${did} snapshot ${text(row, 'id')} (${bytes(number(row, 'bytes'))})\n`,
    );
  if (rows.length === 0) terminal.err('Nothing is beyond the limits.\n');
}

export async function kill(client: Client, name: string, signal: string): Promise<void> {
  const wanted = signal.toUpperCase().replace(/^(?!SIG|\d)/, 'SIG');
  const byName = Object.entries(constants.signals).find(([key]) => key === wanted)?.[1];
  const value = byName ?? (/^\d+$/.test(signal) ? Number(signal) : 0);
  if (value < 1 || value > 64) throw usageError(`'${signal}' is not a signal`);
  await client.call('Kill', [name, value]);
}
