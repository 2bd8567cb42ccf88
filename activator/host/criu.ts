// CRIU, the program, as it was found on the host, and why it may not be used where it may not, in an operator's words.
// Pure; fingerprint.ts looks.

import { isAtLeast } from './versions.js';

export type CriuPlaces = readonly [string, ...string[]];

/** Where distributions have it, and where who builds it installs it: the first one counts. native/criu.c has them, too. */
export const criuPlaces: CriuPlaces = ['/usr/sbin/criu', '/usr/local/sbin/criu'];

/**
 * None before it was tried. They dump no socket on Linux 6.16 and newer, and not all of them leave out of the images what
 * getrandom(3) draws ahead: each restore would draw the same.
 */
const oldestCriu = '4.2';

export interface CriuIdentity {
  readonly path: string;
  readonly size: number;
  readonly mtimeSec: number;
  /** As `criu --version` says it: 4.2.1. */
  readonly version: string;
  /** It was seen to run with the libraries of native/uncalled/. */
  readonly doesWithout: boolean;
}

export type UnusableCriu =
  | { readonly kind: 'missing'; readonly path: string }
  /** It does not say which version it is. */
  | { readonly kind: 'broken'; readonly path: string }
  | { readonly kind: 'too-old'; readonly path: string; readonly version: string };

export type Criu = { readonly kind: 'present'; readonly identity: CriuIdentity } | UnusableCriu;

export function judgeCriu(identity: CriuIdentity): Criu {
  const { path, version } = identity;
  return isAtLeast(version, oldestCriu) ? { kind: 'present', identity } : { kind: 'too-old', path, version };
}

export function criuProblem(criu: UnusableCriu): string {
  switch (criu.kind) {
    case 'missing':
      return `${criu.path} is missing`;
    case 'broken':
      return `${criu.path} is there but does not run (\`criu --version\` fails)`;
    case 'too-old':
      return `${criu.path} is version ${criu.version}, but ${oldestCriu} or newer is needed`;
  }
}
