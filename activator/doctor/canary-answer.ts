// What the canary (native/canary/) says of itself after it was restored, as rows. Pure.

import { failed, ok, type Check } from './check.js';

/** The things that it holds, as it names them, in an operator's words. */
const things: readonly (readonly [string, string])[] = [
  ['memory', '8 MiB of memory'],
  ['pipe', 'a pipe with data in it'],
  ['epoll', 'an epoll instance and a timerfd'],
  ['timer', 'a POSIX timer'],
  ['child', 'a child process, by a pair of UNIX sockets'],
  ['thread', 'a second thread'],
  ['io-uring', 'io_uring is refused'],
];

const report = 'this is not expected of any host: please report it, with journalctl -u grenadine-activator';

/** `text` is lines of KEY=VALUE; `kind` is the socket that it was asked on. */
export function answerChecks(text: string, kind: 'tcp' | 'unix'): readonly Check[] {
  const said = new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
  const check = `${kind} listener`;
  const answers = Number(said.get('answers') ?? 0);
  const listener =
    said.get('socket') !== kind
      ? failed(check, `the answer came by '${said.get('socket') ?? ''}'`, report)
      : answers === 0
        ? failed(check, 'who answered had not been asked before the dump', report)
        : ok(check, `systemd's own, ${answers} answers after its boot`);
  return kind === 'unix' ? [listener] : [listener, ...things.map(([key, what]) => thing(key, what, said))];
}

function thing(key: string, what: string, said: ReadonlyMap<string, string>): Check {
  const value = said.get(key) ?? 'it is not mentioned';
  return value === 'ok' ? ok(key, what) : failed(key, `${what}: ${value}`, report);
}
