// The command's words: its synopsis and its options. Pure.

import { parseArgs } from 'node:util';
import { GrenadineError } from '../../generator/config/error.js';

export const usage = `Usage: grenadine COMMAND

  list [APP]                       applications, or the snapshots of one
  status [APP] [--timings]         what runs, and from which snapshot; how it came up, phase by phase
  why APP                          why it came up the way it did
  doctor [APP]                     what stands in the way of snapshots on this host, or of this application
  doctor APP --uniqueness [--path P]
                                   what two restores of one snapshot of it give out alike
  bake APP                         boot it aside, snapshot it, prove the snapshot, publish it
  dump [APP] [--stop]              snapshot the running application
  restore [APP] [N | --from HASH | --latest]
                                   start it from that snapshot and stay with it until --latest, the default
  remove APP N | --from HASH       remove a snapshot that is not in use
  prune [--dry-run]                remove what Keep= and Limit= do not keep
  verify [APP [N | --from HASH]]   read the snapshots once, and set aside what is damaged
  kill [APP] [SIGNAL]              send a signal (default TERM)
  daemon [--name N] [--listen A]... [-u U[:G]] [-C DIR] [-e K=V]... -- CMD...
                                   run CMD as an application without a configuration file

Where there is one application only, APP may be left out.

  --json      print JSON instead of a table (list, status, why, doctor, prune, verify)
  --help, --version

grenadine(1) tells more.
`;

const options = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
  stop: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  uniqueness: { type: 'boolean', default: false },
  path: { type: 'string' },
  timings: { type: 'boolean', default: false },
  from: { type: 'string' },
  latest: { type: 'boolean', default: false },
  name: { type: 'string' },
  listen: { type: 'string', multiple: true },
  user: { type: 'string', short: 'u' },
  directory: { type: 'string', short: 'C' },
  env: { type: 'string', short: 'e', multiple: true },
} as const;

/** Which options each command takes besides --json, --help and --version. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  status: ['timings'],
  doctor: ['uniqueness', 'path'],
  dump: ['stop'],
  restore: ['from', 'latest'],
  remove: ['from'],
  prune: ['dry-run'],
  verify: ['from'],
  daemon: ['name', 'listen', 'user', 'directory', 'env'],
};

export interface Request {
  readonly command: string;
  readonly operands: readonly string[];
  /** What follows `--`, for `daemon`. */
  readonly program: readonly string[];
  readonly flags: ReturnType<typeof parse>['values'];
}

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
}

export function readRequest(argv: readonly string[]): Request {
  const dashes = argv.indexOf('--');
  const own = dashes < 0 ? argv : argv.slice(0, dashes);
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(own);
  } catch (cause) {
    throw usageError(cause instanceof Error ? cause.message : String(cause));
  }
  const [command = '', ...operands] = parsed.positionals;
  for (const [key, value] of Object.entries(parsed.values)) {
    if (value === false || ['json', 'help', 'version'].includes(key)) continue;
    if (!(allowed[command] ?? []).includes(key)) throw usageError(`'${command}' does not take --${key}`);
  }
  const program = dashes < 0 ? [] : argv.slice(dashes + 1);
  if (program.length > 0 && command !== 'daemon') throw usageError(`'${command}' takes nothing after --`);
  return { command, operands, program, flags: parsed.values };
}

export function usageError(message: string): GrenadineError {
  return new GrenadineError('usage', `${message} (grenadine --help)`);
}
