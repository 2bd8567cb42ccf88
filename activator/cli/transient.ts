// `grenadine daemon`: an application without a configuration file. Writes the text of one; the daemon puts it in /run.

import { basename, isAbsolute } from 'node:path';
import { quoteArgument, quoteWord } from '../../generator/config/quote.js';
import { usageError } from './usage.js';

export interface DaemonRequest {
  readonly name: string | undefined;
  readonly listen: readonly string[];
  readonly user: string | undefined;
  readonly directory: string | undefined;
  /** What Path= is to be: where releases of it are deployed. */
  readonly releasePath: string | undefined;
  readonly environment: readonly string[];
  readonly program: readonly string[];
}

/** The application's name and the text of its NAME.conf. Without --listen it gets port 8080, as most examples do. */
export function renderTransient(request: DaemonRequest): { readonly name: string; readonly text: string } {
  const [program] = request.program;
  if (program === undefined) throw usageError('daemon needs a command after --');
  if (!isAbsolute(program)) throw usageError(`the command must be an absolute path, not '${program}'`);
  for (const word of [...request.program, ...request.environment, ...request.listen])
    if (/[\n\r\0]/.test(word)) throw usageError('a word may not hold a line break');
  const name =
    request.name ??
    basename(program)
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '');
  const [user, group] = (request.user ?? '').split(':');
  const lines = [
    '[Application]',
    `ExecStart=${request.program.map(quoteArgument).join(' ')}`,
    ...(user === undefined || user === '' ? [] : [`User=${user}`]),
    ...(group === undefined || group === '' ? [] : [`Group=${group}`]),
    ...(request.directory === undefined ? [] : [`WorkingDirectory=${request.directory}`]),
    ...request.environment.map((pair) => `Environment=${quoteWord(pair)}`),
    ...(request.listen.length === 0 ? ['8080'] : request.listen).map((address) => `ListenStream=${address}`),
    ...(request.releasePath === undefined ? [] : ['[Release]', `Path=${request.releasePath}`]),
  ];
  return { name, text: `${lines.join('\n')}\n` };
}
