// The plan: what the launcher needs to restore one snapshot, as lines of `key=value`. Pure; written at bake time, read
// by the launcher in C (native/) and by `grenadine why`. grenadine-launch(8) describes every key.

import { GrenadineError } from '../../generator/config/error.js';
import { parsePlanLines, type PlanLines } from './plan-lines.js';

/** A setsockopt(2) call: `value` is the option's memory in lower-case hex. */
export interface PlanOption {
  readonly level: number;
  readonly name: number;
  readonly value: string;
}

interface PlanListener {
  /** Which of the passed sockets, counted from 0. */
  readonly index: number;
  /** The socket's inode in the images. */
  readonly inode: number;
  readonly nonblock: boolean;
  readonly backlog: number | undefined;
  readonly options: readonly PlanOption[];
}

/** `text` is `METHOD PATH HOST` of a request, and the encoded words of a command. */
interface PlanHook {
  readonly kind: 'request' | 'command';
  readonly text: string;
}

/** A file that the launcher opens for CRIU, with the rights of who held it: somebody but root may replace it. */
export interface PlanFile {
  readonly path: string;
  readonly user: PlanUser;
  /** Of open(2). */
  readonly flags: number;
  readonly position: number;
  /** What must still be so; `mtimeSec` only where nobody watches the file. */
  readonly size: number | undefined;
  readonly mtimeSec: number | undefined;
}

export interface PlanUser {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

export interface Plan {
  readonly application: string;
  readonly snapshot: string;
  readonly configuration: string;
  /** `uname -r` of the kernel that the snapshot was made on. */
  readonly kernel: string;
  /** `doesWithout`: it runs with the libraries of native/uncalled/. */
  readonly criu: { readonly size: number; readonly mtimeSec: number; readonly doesWithout: boolean };
  /** `path` must still lead to `target`. */
  readonly release: { readonly path: string; readonly target: string } | undefined;
  readonly pid: number;
  readonly pidFloor: number;
  readonly stdout: number | undefined;
  readonly stderr: number | undefined;
  /** Memory is mapped from files among the images. */
  readonly isMapped: boolean;
  /** One start uses it up. */
  readonly isForOnce: boolean;
  /** The application finds a fresh seed in its file system. */
  readonly hasSeed: boolean;
  readonly listeners: readonly PlanListener[];
  /** Numbers of signals that the application gets once it is restored, in this order. */
  readonly signals: readonly number[];
  /** Done once the service is ready, in this order. */
  readonly after: readonly PlanHook[];
  readonly files: readonly PlanFile[];
  readonly deadlineMs: number;
}

/** What to write to ns_last_pid before criu is forked: criu and its helpers must not take a pid that the snapshot needs. */
export function pidFloor(maxPid: number): number {
  return Math.max(4096, Math.ceil((maxPid + 256) / 1024) * 1024);
}

export function renderPlan(plan: Plan): string {
  const lines = [
    'grenadine-plan=1',
    `application=${plain('application', plan.application)}`,
    `snapshot=${plain('snapshot', plan.snapshot)}`,
    `configuration=${plain('configuration', plan.configuration)}`,
    `kernel=${plain('kernel', plan.kernel)}`,
    `criu=${plan.criu.size}:${plan.criu.mtimeSec}${plan.criu.doesWithout ? ' uncalled' : ''}`,
    ...(plan.release === undefined
      ? []
      : [`release=${percentEncode(plan.release.path)} ${percentEncode(plan.release.target)}`]),
    `pid=${plan.pid}`,
    `pid-floor=${plan.pidFloor}`,
    ...(plan.stdout === undefined ? [] : [`stdout=${plan.stdout}`]),
    ...(plan.stderr === undefined ? [] : [`stderr=${plan.stderr}`]),
    ...(plan.isMapped ? ['memory=mapped'] : []),
    ...(plan.isForOnce ? ['reuse=once'] : []),
    ...(plan.hasSeed ? ['seed=fresh'] : []),
    ...plan.listeners.map(
      ({ index, inode, nonblock }) => `listener=${index} ${inode}${nonblock ? ' nonblock' : ''}`,
    ),
    ...plan.listeners.flatMap(({ index, backlog }) =>
      backlog === undefined ? [] : [`backlog=${index} ${backlog}`],
    ),
    ...plan.listeners.flatMap(({ index, options }) =>
      options.map(({ level, name, value }) => `option=${index} ${level} ${name} ${plain('option', value)}`),
    ),
    ...plan.signals.map((signal) => `signal=${signal}`),
    ...plan.after.map(({ kind, text }) => `after=${kind} ${line(text)}`),
    ...renderFiles(plan.files),
    `deadline-ms=${plan.deadlineMs}`,
  ];
  return `${lines.join('\n')}\n`;
}

function renderUser({ uid, gid, groups }: PlanUser): string {
  return `user=${uid} ${gid}${groups.length === 0 ? '' : ` ${groups.join(',')}`}`;
}

function renderFiles(files: readonly PlanFile[]): readonly string[] {
  const users = [...new Set(files.map(({ user }) => renderUser(user)))];
  return [
    ...users,
    ...files.map(({ path, user, flags, position, size, mtimeSec }) =>
      [
        `file=${users.indexOf(renderUser(user))} ${flags} ${position}`,
        ...[size ?? '-', mtimeSec ?? '-', percentEncode(path)],
      ].join(' '),
    ),
  ];
}

/** The inverse of renderPlan; `plan-invalid` with the line, or with the key that is missing. */
export function parsePlan(text: string): Plan {
  const lines = parsePlanLines(text);
  const [size, mtimeSec, uncalled] = lines.match('criu', /^(\d+):(\d+)( uncalled)?$/);
  const release = lines.optional('release', /^([^ ]+) ([^ ]+)$/);
  return {
    application: lines.match('application', /^([a-z0-9][a-z0-9_-]*)$/)[0] ?? '',
    snapshot: lines.match('snapshot', /^([0-9a-f]{12})$/)[0] ?? '',
    configuration: lines.match('configuration', /^([0-9a-f]{16})$/)[0] ?? '',
    kernel: lines.match('kernel', /^([\x21-\x7e]+)$/)[0] ?? '',
    criu: { size: Number(size), mtimeSec: Number(mtimeSec), doesWithout: uncalled !== undefined },
    release:
      release === undefined
        ? undefined
        : { path: percentDecode(release[0] ?? ''), target: percentDecode(release[1] ?? '') },
    pid: lines.number('pid'),
    pidFloor: lines.number('pid-floor'),
    stdout: lines.optionalNumber('stdout'),
    stderr: lines.optionalNumber('stderr'),
    isMapped: lines.optional('memory', /^(mapped)$/) !== undefined,
    isForOnce: lines.optional('reuse', /^(once)$/) !== undefined,
    hasSeed: lines.optional('seed', /^(fresh)$/) !== undefined,
    listeners: parseListeners(lines),
    signals: lines.each('signal', /^(\d{1,2})$/).map(([signal]) => Number(signal)),
    after: lines.each('after', /^(request|command) (.+)$/).map(([kind, text]) => ({
      kind: kind === 'request' ? 'request' : 'command',
      text: text ?? '',
    })),
    files: parseFiles(lines),
    deadlineMs: lines.number('deadline-ms'),
  };
}

function parseListeners(lines: PlanLines): readonly PlanListener[] {
  const backlogs = new Map(
    lines.each('backlog', /^(\d+) (\d+)$/).map(([index, backlog]) => [Number(index), Number(backlog)]),
  );
  const options = lines.each('option', /^(\d+) (\d+) (\d+) ((?:[0-9a-f]{2})+)$/);
  const listeners = lines.each('listener', /^(\d+) (\d+)( nonblock)?$/).map(([index, inode, nonblock]) => ({
    index: Number(index),
    inode: Number(inode),
    nonblock: nonblock !== undefined,
    backlog: backlogs.get(Number(index)),
    options: options
      .filter(([of]) => Number(of) === Number(index))
      .map(([, level, name, value]) => ({ level: Number(level), name: Number(name), value: value ?? '' })),
  }));
  const known = new Set(listeners.map(({ index }) => index));
  if (known.size !== listeners.length)
    throw new GrenadineError('plan-invalid', 'the plan names a listener twice');
  for (const index of [...backlogs.keys(), ...options.map(([of]) => Number(of))]) {
    if (!known.has(index))
      throw new GrenadineError('plan-invalid', `the plan names listener ${index}, which it does not have`);
  }
  return listeners;
}

function parseFiles(lines: PlanLines): readonly PlanFile[] {
  const users = lines
    .each('user', /^(\d{1,10}) (\d{1,10})(?: (\d+(?:,\d+)*))?$/)
    .map(([uid, gid, groups]) => ({
      uid: Number(uid),
      gid: Number(gid),
      groups: groups === undefined ? [] : groups.split(',').map(Number),
    }));
  const number = (text: string | undefined): number | undefined => (text === '-' ? undefined : Number(text));
  const pattern = /^(\d) (\d{1,10}) (\d{1,16}) (\d{1,16}|-) (\d{1,16}|-) ([^ ]+)$/;
  return lines.each('file', pattern).map(([of, flags, position, size, mtimeSec, path]) => {
    const user = users[Number(of)];
    if (user === undefined)
      throw new GrenadineError('plan-invalid', `the plan names user ${of ?? ''}, which it does not have`);
    return {
      path: percentDecode(path ?? ''),
      user,
      flags: Number(flags),
      position: Number(position),
      size: number(size),
      mtimeSec: number(mtimeSec),
    };
  });
}

/** A value that needs no encoding: anything else would break the line for the launcher. */
function plain(key: string, value: string): string {
  if (!/^[\x21-\x7e]+$/.test(value))
    throw new GrenadineError('plan-invalid', `'${value}' cannot stand in a plan as ${key}=`);
  return value;
}

/** A value that may hold blanks. */
function line(value: string): string {
  if (/\p{Cc}/u.test(value)) throw new GrenadineError('plan-invalid', `'${value}' cannot stand in a plan`);
  return value;
}

/** Blanks, control characters and '%' as %XX, byte by byte; other bytes of UTF-8 as they are. */
function percentEncode(text: string): string {
  return text.replace(/[\p{Cc} %]/gu, encodeURIComponent);
}

function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new GrenadineError('plan-invalid', `'${text}' is not percent-encoded`, { cause });
  }
}
