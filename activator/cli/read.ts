// The commands that only read: of the activator or, where that is away, what can be known without it.

import type { GrenadineError } from '../../generator/config/error.js';
import type { Reader } from './client.js';
import { list, status, why, type Terminal } from './show.js';
import { timings } from './timings.js';
import { showUnits } from './units.js';
import { activatorUnit, renderAway, renderUndone, whyUnreachable, type Unreachable } from './unreachable.js';
import { usageError, type Request } from './usage.js';
import { readWithout } from './without-activator.js';

/** Answers whether it was one of them. */
export async function read(
  { command, operands: [name], flags }: Request,
  reader: Reader,
  terminal: Terminal,
): Promise<boolean> {
  const application = (): string => {
    if (name === undefined) throw usageError(`'${command}' needs the name of an application`);
    return name;
  };
  switch (command) {
    case 'list':
      await list(reader, name, flags.json, terminal);
      return true;
    case 'status':
      if (flags.timings) await timings(reader, application(), flags.json, terminal);
      else if (name === undefined) await list(reader, undefined, flags.json, terminal);
      else await status(reader, name, flags.json, terminal);
      return true;
    case 'why':
      await why(reader, application(), flags.json, terminal);
      return true;
    default:
      return false;
  }
}

export async function askWhy(error: GrenadineError): Promise<Unreachable> {
  const [activator] = await showUnits([activatorUnit]);
  return whyUnreachable(error, activator);
}

/** Says why the activator cannot be reached and what to do, and shows what can be known without it. */
export async function readAway(request: Request, error: GrenadineError, terminal: Terminal): Promise<void> {
  const why = await askWhy(error);
  const reader = readWithout({ root: '/', runDirectory: '/run/grenadine', show: showUnits });
  const [name] = request.operands;
  const undone = (): void => {
    terminal.err(renderUndone(why));
  };
  // The list of an application's snapshots is the activator's.
  if (!(name === undefined ? ['list', 'status'] : ['status', 'why']).includes(request.command)) {
    undone();
    return;
  }
  if (name !== undefined)
    await reader.row('Status', [name]).catch((unknown: unknown) => {
      undone();
      throw unknown;
    });
  terminal.err(renderAway(why, name));
  await read(request, reader, terminal);
}
