/** The words of `npm run bed -- [OPTION…] [CMD…]`. Pure: says what was asked, or why it cannot be. */
import type { Bind } from './machine.js';
import type { PackageChoice } from './package.js';

export type Request =
  | {
      readonly kind: 'run';
      readonly argv: readonly string[];
      readonly package: PackageChoice;
      readonly binds: readonly Bind[];
      readonly hasNetwork: boolean;
    }
  | { readonly kind: 'prepare' }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly why: string };

export const usage = `\
Usage: npm run bed -- [OPTION…] [CMD [ARG…]]

Boots a throw-away Debian 13 with a running systemd, installs the package in it, runs CMD as root in it and
returns its exit status. Without CMD: a login shell. The checkout is at /src, read-only.

  --deb PATH         install this package (else $GRENADINE_DEB, else the newest of build/package/)
  --no-package       install none
  --bind HOST:BED    show the host's folder HOST, read-only, as BED; --bind-rw for writing
  --no-network       loopback only, as in the tests; else apt-get works inside
  --prepare          build the root if need be, boot nothing
  --help             this

The root is kept in $GRENADINE_BED_CACHE, /var/cache/grenadine-bed if unset. When the bed itself fails,
the exit status is 125.
`;

export function parseCommandLine(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Request {
  const fromEnv = env['GRENADINE_DEB'];
  let choice: PackageChoice = fromEnv === undefined || fromEnv === '' ? 'newest' : { path: fromEnv };
  const binds: Bind[] = [];
  let hasNetwork = true;
  const rest = [...words];
  for (let word = rest[0]; word?.startsWith('-') === true; word = rest[0]) {
    rest.shift();
    if (word === '--') break;
    if (word === '--help') return { kind: 'help' };
    if (word === '--prepare') return { kind: 'prepare' };
    if (word === '--no-package') {
      choice = 'none';
      continue;
    }
    if (word === '--no-network') {
      hasNetwork = false;
      continue;
    }
    const [name, value] = splitOption(word, rest);
    if (name === '--deb' && value !== undefined) {
      choice = { path: value };
    } else if ((name === '--bind' || name === '--bind-rw') && value !== undefined) {
      const [host, bed] = value.split(':');
      if (host?.startsWith('/') !== true || bed?.startsWith('/') !== true) {
        return { kind: 'wrong', why: `${name} wants /HOST/PATH:/BED/PATH, not '${value}'` };
      }
      binds.push({ host, bed, isWritable: name === '--bind-rw' });
    } else {
      return { kind: 'wrong', why: `'${word}' is no option of ours, or lacks its value` };
    }
  }
  const argv = rest.length === 0 ? ['bash', '--login'] : rest;
  return { kind: 'run', argv, package: choice, binds, hasNetwork };
}

/** `--name=value`, or `--name` with the value as the next word, which is then taken. */
function splitOption(word: string, rest: string[]): [name: string, value: string | undefined] {
  const equals = word.indexOf('=');
  return equals === -1 ? [word, rest.shift()] : [word.slice(0, equals), word.slice(equals + 1)];
}
