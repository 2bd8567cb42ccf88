// Reads the launcher's one-line answers (grenadine-launch(8), CONTROL SOCKET). Pure.

import { GrenadineError } from '../../generator/config/error.js';
import type { UnnamedSocket, UnnamedSockets } from '../images/foreign-socket.js';
import type { SocketOption } from '../images/listener-options.js';

/** A listener as the launcher holds it. `inode` is the socket's, `address` is where to connect to it. */
export interface LauncherListener {
  readonly index: number;
  readonly inode: number;
  readonly address: ScratchAddress;
  /** What is set on it that CRIU does not record. */
  readonly options: readonly SocketOption[];
}

export type ScratchAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export interface LauncherState {
  readonly how: string;
  /** The process that is PID 1 of the application's namespaces, as the host numbers it; 0 when nothing runs. */
  readonly initPid: number;
  readonly stdoutInode: number | undefined;
  readonly stderrInode: number | undefined;
  readonly listeners: readonly LauncherListener[];
  /** Which of those the application has bound by itself. */
  readonly adopted: readonly number[];
  /** What else it has bound; undefined where nobody was asked about that. */
  readonly unnamed: UnnamedSockets;
  /** The OpenSSL of an application that boots there is not told to take our random generator. */
  readonly keepsOpenssl: boolean;
}

/** Splits `ok key=value …` into pairs; an `error CODE TEXT` line becomes a GrenadineError with that code. */
export function readReply(line: string): readonly (readonly [string, string])[] {
  const error = /^error ([a-z0-9-]+) ?(.*)$/.exec(line);
  if (error !== null) throw new GrenadineError(error[1] ?? 'launcher-error', error[2] ?? '');
  if (line !== 'ok' && !line.startsWith('ok '))
    throw new GrenadineError(
      'launcher-error',
      `The launcher answered what is not a reply: '${line.slice(0, 200)}'`,
    );
  return line
    .split(' ')
    .slice(1)
    .filter((word) => word !== '')
    .map((word) => {
      const at = word.indexOf('=');
      return at < 0 ? ([word, ''] as const) : ([word.slice(0, at), word.slice(at + 1)] as const);
    });
}

export function readState(line: string): LauncherState {
  const pairs = readReply(line);
  const last = (key: string): string | undefined => pairs.findLast(([name]) => name === key)?.[1];
  const all = (key: string): readonly string[] =>
    pairs.filter(([name]) => name === key).map(([, value]) => value);
  return {
    how: last('how') ?? '',
    initPid: optionalNumber(last('init')) ?? 0,
    stdoutInode: optionalNumber(last('stdout')),
    stderrInode: optionalNumber(last('stderr')),
    listeners: all('listener').map((value) => readListener(value, all('option'))),
    adopted: all('adopted').map(wholeNumber),
    unnamed: last('asked') === 'yes' ? all('unnamed').map(readUnnamed) : undefined,
    keepsOpenssl: last('openssl') === 'kept',
  };
}

/** `INDEX,INODE,ADDRESS`; the address is last because a path may hold a comma. */
function readListener(text: string, options: readonly string[]): LauncherListener {
  const match = /^(\d+),(\d+),(.+)$/.exec(text);
  if (match === null)
    throw new GrenadineError('launcher-error', `The launcher named a listener as '${text}'`);
  const [, index = '', inode, address = ''] = match;
  return {
    index: wholeNumber(index),
    inode: wholeNumber(inode),
    address: readAddress(address),
    options: options.filter((option) => option.startsWith(`${index},`)).map(readOption),
  };
}

/** `INDEX,LEVEL,NAME,HEX`. */
function readOption(text: string): SocketOption {
  const match = /^\d+,(\d+),(\d+),((?:[0-9a-f]{2})+)$/.exec(text);
  if (match === null) throw new GrenadineError('launcher-error', `The launcher named an option as '${text}'`);
  return { level: wholeNumber(match[1]), name: wholeNumber(match[2]), value: match[3] ?? '' };
}

/** `INODE,ADDRESS`. */
function readUnnamed(text: string): UnnamedSocket {
  const match = /^(\d+),(.+)$/.exec(text);
  if (match === null) throw new GrenadineError('launcher-error', `The launcher named a socket as '${text}'`);
  return { inode: wholeNumber(match[1]), address: match[2] ?? '' };
}

function readAddress(text: string): ScratchAddress {
  if (text.startsWith('/')) return { kind: 'unix', path: percentDecode(text) };
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text);
  if (match === null)
    throw new GrenadineError('launcher-error', `The launcher named an address as '${text}'`);
  return { kind: 'tcp', host: match[1] ?? match[2] ?? '', port: wholeNumber(match[3]) };
}

/** The launcher writes blanks and the like of a path as %XX. */
function percentDecode(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_all, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function optionalNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : wholeNumber(text);
}

/** Of at most 53 bits. */
function wholeNumber(text = ''): number {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(number))
    throw new GrenadineError('launcher-error', `The launcher named a number as '${text.slice(0, 80)}'`);
  return number;
}
