// The commands that change something: bake, dump, restore, kill. Each asks the daemon and says what came of it.

import { constants } from 'node:os';
import { GrenadineError } from '../../generator/config/error.js';
import { number, text, type Client } from './client.js';
import type { Terminal } from './show.js';
import { usageError } from './usage.js';

/** A bake boots the application, warms it up and restores it once; its own deadlines end it, this one is the last. */
const bakeTimeoutMs = 30 * 60_000;
const startTimeoutMs = 3 * 60_000;

export async function bake(client: Client, name: string, terminal: Terminal): Promise<void> {
  const progress = progressLine(terminal);
  await client.onProgress(name, progress.show);
  try {
    const id = await client.call('Bake', [name], bakeTimeoutMs);
    progress.end();
    terminal.out(`${name}: published snapshot ${String(id)}\n`);
  } finally {
    progress.end();
  }
}

export async function dump(
  client: Client,
  name: string,
  isStopped: boolean,
  terminal: Terminal,
): Promise<void> {
  const progress = progressLine(terminal);
  await client.onProgress(name, progress.show);
  try {
    const id = await client.call('Dump', [name, isStopped], bakeTimeoutMs);
    progress.end();
    terminal.out(`${name}: published snapshot ${String(id)}\n`);
  } finally {
    progress.end();
  }
}

/** `choice` is a number as `grenadine list NAME` shows it, a hash or its beginning, or undefined for the newest. */
export async function restore(
  client: Client,
  name: string,
  choice: { readonly number: string | undefined; readonly from: string | undefined },
  terminal: Terminal,
): Promise<void> {
  const rows = await client.rows('ListSnapshots', [name]);
  const wanted = choice.number ?? '1';
  if (!/^[1-9]\d*$/.test(wanted)) throw usageError(`'${wanted}' is not a snapshot's number`);
  const found = rows.filter((row) =>
    choice.from === undefined
      ? number(row, 'number') === Number(wanted)
      : text(row, 'id').startsWith(choice.from),
  );
  const [snapshot] = found;
  if (snapshot === undefined || found.length > 1) {
    const what =
      choice.from === undefined
        ? `no snapshot number ${wanted}`
        : `${found.length} snapshots that begin with ${choice.from}`;
    throw new GrenadineError(
      'org.grenadine.Error.NoSuchSnapshot',
      `'${name}' has ${what}; see: grenadine list ${name}`,
    );
  }
  const how = await client.call('Restore', [name, text(snapshot, 'id')], startTimeoutMs);
  if (how !== 'restored')
    throw new GrenadineError(
      'restore-failed',
      `${name} could not be restored and booted cold; see: grenadine why ${name}`,
    );
  terminal.out(`${name}: restored from snapshot ${text(snapshot, 'id')}\n`);
}

export async function kill(client: Client, name: string, signal: string): Promise<void> {
  const wanted = signal.toUpperCase().replace(/^(?!SIG|\d)/, 'SIG');
  const byName = Object.entries(constants.signals).find(([key]) => key === wanted)?.[1];
  const value = byName ?? (/^\d+$/.test(signal) ? Number(signal) : 0);
  if (value < 1 || value > 64) throw usageError(`'${signal}' is not a signal`);
  await client.call('Kill', [name, value]);
}

/** On a terminal one line that is written over; elsewhere one line for each new phase. */
function progressLine(terminal: Terminal): {
  show: (phase: string, detail: string) => void;
  end: () => void;
} {
  let shown = '';
  let phaseShown = '';
  return {
    show: (phase, detail) => {
      const line = detail === '' ? phase : `${phase} ${detail}`;
      if (terminal.isErrTerminal) terminal.err(`\r\x1b[K${line}`);
      else if (phase !== phaseShown) terminal.err(`${line}\n`);
      shown = line;
      phaseShown = phase;
    },
    end: () => {
      if (terminal.isErrTerminal && shown !== '') terminal.err('\r\x1b[K');
      shown = '';
    },
  };
}
