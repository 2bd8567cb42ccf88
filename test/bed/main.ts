/** The `bed` program: the command line, signals, the exit status. Everything else is in bed.ts. */
import { constants } from 'node:os';
import { BedError } from './bed-error.js';
import { openBed, prepareBeds } from './bed.js';
import { parseCommandLine, usage, type Request } from './command-line.js';

/** As container tools have it: the bed failed, not the command in it. */
const bedFailed = 125;

const patienceMs = 5_000;

type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The first of these signals to arrive ends the bed; a shell at a terminal keeps Ctrl-C for itself. */
function firstSignal(signals: readonly Signal[]): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      process.on(signal, () => {
        resolve(128 + constants.signals[signal]);
      });
    }
  });
}

async function runInBed(request: Extract<Request, { kind: 'run' }>): Promise<number> {
  const isShell = process.stdin.isTTY && request.argv[0] === 'bash';
  if (isShell) process.on('SIGINT', () => undefined);
  const interrupted = firstSignal(isShell ? ['SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM', 'SIGHUP']);
  const opening = openBed({ package: request.package, binds: request.binds, hasNetwork: request.hasNetwork });
  const early = await Promise.race([opening.then(() => undefined), interrupted]);
  // Interrupted while it was still booting: that is done in a moment, and then there is something to close. While
  // the root is being built there is not; the builder ends with us.
  if (early !== undefined) setTimeout(() => process.exit(early), patienceMs);
  const bed = await opening;
  try {
    if (early !== undefined) return early;
    const term = process.env['TERM'];
    const command = await bed.spawn(request.argv, {
      ...{ stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' },
      ...(term === undefined ? {} : { env: { TERM: term } }),
    });
    return await Promise.race([command.ended, interrupted]);
  } finally {
    await bed.close();
  }
}

async function main(words: readonly string[]): Promise<number> {
  const request = parseCommandLine(words, process.env);
  switch (request.kind) {
    case 'help':
      process.stdout.write(usage);
      return 0;
    case 'wrong':
      process.stderr.write(`bed: ${request.why}\n${usage}`);
      return bedFailed;
    case 'prepare':
      process.stdout.write(`${await prepareBeds()}\n`);
      return 0;
    case 'run':
      return await runInBed(request);
  }
}

try {
  // Not process.exit() alone: what is left of ours must not keep a finished bed waiting.
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`bed: ${error instanceof BedError ? error.message : String(error)}\n`);
  process.exit(bedFailed);
}
