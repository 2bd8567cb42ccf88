// Reads user names, HTTP request lines, host names and plain text. Knows no keys and looks nothing up.
import { constants } from 'node:os';
import type { Hook, SignalName, WarmupRequest } from './application.js';
import { parseHookCommand } from './command-line.js';
import { fault, value, type Parsed, type Parser } from './parsed.js';

/** A name as useradd(8) makes it, with the '.' and '@' of directory services, or a number. */
export function parseUserOrGroup(text: string): Parsed<string> {
  const isName = /^[A-Za-z_][A-Za-z0-9_.@-]{0,254}\$?$/.test(text);
  // -1 in 16 and 32 bits means "no user" to the kernel.
  const isNumber = /^(0|[1-9]\d{0,9})$/.test(text) && ![65535, 0xffffffff].includes(Number(text));
  const isIdentity = isName || (isNumber && Number(text) < 0xffffffff);
  return isIdentity ? value(text) : fault(`takes a name or a number, not '${text}'`);
}

export function parseUrlPath(text: string): Parsed<string> {
  return /^\/[!-~]*$/.test(text) && !text.includes('#')
    ? value(text)
    : fault(`takes the path of a URL, beginning with '/', anything else percent-encoded, not '${text}'`);
}

/** Only GET: what is asked while a snapshot is made may change nothing. */
export function parseRequest(text: string): Parsed<WarmupRequest> {
  const match = /^([A-Za-z]+)[ \t]+(\S.*)$/.exec(text);
  const path = parseUrlPath(match?.[2] ?? '');
  if (match?.[1] !== 'GET' || path.kind === 'fault') return fault(`takes 'GET /path', not '${text}'`);
  return value({ method: 'GET', path: path.value });
}

/** A request that the operator wants to be sent may change what the application holds. */
export function parseHook(text: string): Parsed<Hook> {
  if (text.startsWith('/')) {
    const words = parseHookCommand(text);
    return words.kind === 'fault' ? words : value({ kind: 'command', words: words.value });
  }
  const [, method, target = ''] = /^(GET|POST)[ \t]+(\S.*)$/.exec(text) ?? [];
  const path = parseUrlPath(target);
  if ((method === 'GET' || method === 'POST') && path.kind === 'value')
    return value({ kind: 'request', method, path: path.value });
  return isCaught(text)
    ? value({ kind: 'signal', signal: text })
    : fault(
        `takes 'GET /path', 'POST /path', the name of a signal such as SIGUSR1, or a command that begins with '/', not '${text}'`,
      );
}

export function parseSeed(text: string): Parsed<'file' | SignalName> {
  return text === 'file' || isCaught(text)
    ? value(text)
    : fault(`takes the name of a signal such as SIGUSR2, or 'file', not '${text}'`);
}

/** signal(7): two are caught by nobody. */
function isCaught(text: string): text is SignalName {
  return Object.hasOwn(constants.signals, text) && text !== 'SIGKILL' && text !== 'SIGSTOP';
}

export function parseHost(text: string): Parsed<string> {
  return /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/.test(text)
    ? value(text)
    : fault(`takes a host, perhaps with :PORT, not '${text}'`);
}

/** One of `words`, letter case counting. */
export function parseWord<Word extends string>(...words: readonly Word[]): Parser<Word> {
  return (text) => {
    const word = words.find((known) => known === text);
    return word === undefined ? fault(`takes one of ${words.join(', ')}, not '${text}'`) : value(word);
  };
}

/** Any text; control characters were refused with the line. */
export function parseText(text: string): Parsed<string> {
  return value(text);
}
