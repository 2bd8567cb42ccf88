// grenadine(1): reads the arguments, asks the activator over D-Bus, prints. Entry point of the command: signals, exit
// statuses and the choice of the command live here, nothing else.

import { lstatSync } from 'node:fs';
import { GrenadineError } from '../../generator/config/error.js';
import { version } from '../../generator/config/version.js';
import { applicationOperand } from './application-operand.js';
import { bake, dump, kill, prune, remove, restore, type SnapshotChoice } from './change.js';
import { openClient, type Client } from './client.js';
import { compareRestores, diagnose, examine } from './doctor.js';
import { describe, exitStatus, statusOf } from './exit-status.js';
import { read, readAway } from './read.js';
import type { Terminal } from './show.js';
import { renderTransient } from './transient.js';
import { verify } from './verify.js';
import { readRequest, usage, usageError, type Request } from './usage.js';

const terminal: Terminal = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isColoured: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
  isErrTerminal: process.stderr.isTTY,
  nowMs: Date.now(),
};

async function run(request: Request): Promise<number> {
  if (isDiagnosis(request)) {
    await diagnose(openClient, request.flags.json, terminal);
    return exitStatus.ok;
  }
  try {
    await ask(request);
    return exitStatus.ok;
  } catch (error) {
    if (!(error instanceof GrenadineError) || statusOf(error) !== exitStatus.unreachable) throw error;
    await readAway(request, error, terminal);
    return exitStatus.unreachable;
  }
}

async function ask(request: Request): Promise<void> {
  const client = await openClient();
  try {
    if (!(await read(request, client, terminal))) await runCommand(request, client);
  } finally {
    client.close();
  }
}

function isDiagnosis({ command, operands, flags }: Request): boolean {
  return command === 'doctor' && operands.length === 0 && !flags.uniqueness && flags.path === undefined;
}

async function runCommand({ command, operands, program, flags }: Request, client: Client): Promise<void> {
  const [name, second] = operands;
  const application = (): string => {
    if (name === undefined) throw usageError(`'${command}' needs the name of an application`);
    return name;
  };
  switch (command) {
    case 'doctor':
      if (flags.path !== undefined && !flags.uniqueness) throw usageError('--path goes with --uniqueness');
      if (flags.uniqueness) await compareRestores(client, application(), flags.path, flags.json, terminal);
      else await examine(client, application(), flags.json, terminal);
      return;
    case 'bake':
      await bake(client, application(), terminal);
      return;
    case 'dump': {
      const { name: chosen } = await applicationOperand(client, command, operands);
      await dump(client, chosen, flags.stop, terminal);
      return;
    }
    case 'restore': {
      if (flags.latest && (second !== undefined || flags.from !== undefined))
        throw usageError('--latest takes no snapshot');
      const { name: chosen, rest } = await applicationOperand(client, command, operands);
      await restore(client, chosen, snapshotChoice(rest, flags.from), terminal);
      return;
    }
    case 'remove': {
      const choice = snapshotChoice(second, flags.from);
      if (choice.kind === 'latest') throw usageError('remove needs the number of a snapshot, or --from');
      await remove(client, application(), choice, terminal);
      return;
    }
    case 'prune':
      await prune(client, flags['dry-run'], flags.json, terminal);
      return;
    case 'verify':
      await verify(client, name, snapshotChoice(second, flags.from), flags.json, terminal);
      return;
    case 'kill': {
      const { name: chosen, rest } = await applicationOperand(client, command, operands);
      await kill(client, chosen, rest ?? 'TERM');
      return;
    }
    case 'daemon': {
      const { name: chosen, text } = renderTransient({
        name: flags.name,
        listen: flags.listen ?? [],
        user: flags.user,
        directory: flags.directory,
        releasePath: isLink(flags.directory) ? flags.directory : undefined,
        environment: flags.env ?? [],
        program,
      });
      await client.call('Define', [chosen, text]);
      terminal.out(`${chosen}: started; see: grenadine status ${chosen}\n`);
      return;
    }
    default:
      throw usageError(command === '' ? 'a command is needed' : `there is no command '${command}'`);
  }
}

/** As deployment tools leave one that leads to the newest release. A plain directory is no release: its entries come and go. */
function isLink(path: string | undefined): boolean {
  return path !== undefined && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function snapshotChoice(number: string | undefined, from: string | undefined): SnapshotChoice {
  if (number !== undefined && from !== undefined)
    throw usageError('a snapshot is chosen by its number or by --from, not both');
  if (from !== undefined) return { kind: 'hash', from };
  return number === undefined ? { kind: 'latest' } : { kind: 'number', number };
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    const request = readRequest(argv);
    if (request.flags.help || request.flags.version) {
      terminal.out(request.flags.help ? usage : `grenadine ${version}\n`);
      return exitStatus.ok;
    }
    return await run(request);
  } catch (error) {
    terminal.err(`grenadine: ${describe(error)}\n`);
    if (!(error instanceof GrenadineError) && error instanceof Error) terminal.err(`${error.stack ?? ''}\n`);
    return statusOf(error);
  }
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
