/**
 * A host of its own for the real launcher: a mount namespace in which /run/grenadine/, /var/lib/grenadine/, criu and
 * where systemd is notified (`notify` of `directory`) are a test's, and the bus is private-bus.ts's or none. The launcher is the sanitized one; what it talks to are small
 * programs (the .c files beside this).
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../..', import.meta.url));
const sources = join(root, 'test/edge/launcher');

export const configuration = '0123456789abcdef';
export const sockets = 'fedcba9876543210';

/** Namespaces are made by root alone; where a skip is forbidden the tests run and fail. */
export const skip =
  process.getuid?.() === 0 || process.env['GRENADINE_MUST_RUN'] !== undefined
    ? false
    : 'the launcher needs root';

export interface PrivateHost {
  readonly directory: string;
  /** Starts the launcher of application `web`, whose list of users is `passwd` of `directory` if there is one, with two passed listeners, one.sock and two.sock of `directory`. */
  readonly start: (words: readonly string[], environment?: NodeJS.ProcessEnv) => Launcher;
  /** The same where the kernel refuses something (refuse.c). */
  readonly startRefused: (what: 'namespaces' | 'roots' | 'clocks', words: readonly string[]) => Launcher;
  /** The same without listeners, as a bake is started. */
  readonly startBake: (words: readonly string[], environment?: NodeJS.ProcessEnv) => Launcher;
  /** What ExecReload= runs. */
  readonly reload: () => Launcher;
  /** Puts a snapshot into the store, whose restore does what `what` says (criu.c), and makes it `current`. */
  readonly addSnapshot: (snapshot: Snapshot) => Promise<void>;
  /** The pairs of the last outcome; `failed` repeats. */
  readonly outcome: () => Promise<readonly (readonly [string, string])[]>;
  readonly close: () => Promise<void>;
}

export interface Snapshot {
  readonly id: string;
  readonly what: 'succeed' | 'wait' | 'fail' | 'repeat' | 'crash' | 'lack' | 'hang' | 'toil';
  readonly plan: string;
  /** Shell text that the restored application runs. */
  readonly script?: string;
}

export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface Launcher {
  readonly process: ChildProcess;
  readonly ended: Promise<Ending>;
  /** Resolves when a line of the standard output is `line`. */
  readonly saw: (line: string) => Promise<void>;
}

/** Constant text with positional parameters: the mounts must be made in the namespace that the launcher starts in. */
const enter = `set -e
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
mount -t tmpfs tmpfs /usr/local/sbin
mkdir /run/grenadine /run/dbus /run/systemd /var/lib/grenadine
ln -s "$1/bus" /run/dbus/system_bus_socket
ln -s "$1/notify" /run/systemd/notify
mount --bind "$1/run" /run/grenadine
mount --bind "$1/state" /var/lib/grenadine
if [ -e "$1/passwd" ]; then mount --bind "$1/passwd" /etc/passwd; fi
criu=$2
shift 2
if [ -e /usr/sbin/criu ]; then mount --bind "$criu" /usr/sbin/criu; fi
touch /usr/local/sbin/criu
mount --bind "$criu" /usr/local/sbin/criu
exec "$@"`;

/** Several test files may do so at a time, hence flock. */
async function make(target: string): Promise<void> {
  const native = join(root, 'build/native');
  await mkdir(native, { recursive: true });
  const argv = ['make', '-s', '-C', join(root, 'native'), target, `BUILD=${native}`];
  await run('flock', [join(native, 'lock'), ...argv]);
}

/** Builds the launcher and the programs that it meets. */
async function build(directory: string): Promise<string> {
  await make('asan');
  for (const name of ['activate', 'criu', 'notified', 'refuse'])
    await compile(`${name}.c`, join(directory, name));
  return join(root, 'build/native/asan/grenadine-launch');
}

/** Builds what the units execute, which becomes the launcher beside it, and answers its path. */
export async function buildFront(): Promise<string> {
  await make('asan');
  return join(root, 'build/native/asan/grenadine-launch');
}

/** Compiles a program of this folder, with sources of the launcher if it shows them. */
export async function compile(name: string, output: string, more: readonly string[] = []): Promise<void> {
  const others = more.map((file) => join(root, 'native', file));
  await run('cc', ['-std=gnu17', '-D_GNU_SOURCE', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all',
    ...['-o', output, join(sources, name), ...others]]); // prettier-ignore
}

export async function openPrivateHost(options: { readonly hasCriu: boolean }): Promise<PrivateHost> {
  const directory = await mkdtemp(join(tmpdir(), 'grenadine-launch-'));
  const launcher = await build(directory);
  for (const name of ['run', 'state']) await mkdir(join(directory, name));
  const criu = options.hasCriu ? join(directory, 'criu') : '/dev/null';
  const running = new Set<ChildProcess>();
  const launch = (words: readonly string[], environment: NodeJS.ProcessEnv): Launcher => {
    const argv = ['--mount', '--', 'bash', '-c', enter, 'bash', directory, criu, ...words];
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
    const child = spawn('unshare', argv, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env, ...environment },
    });
    running.add(child);
    return watch(child);
  };
  const base = [launcher, '--app=web', `--configuration=${configuration}`, `--sockets=${sockets}`];
  const activate = [join(directory, 'activate'), directory];
  return {
    directory,
    start: (words, environment = {}) => launch([...activate, ...base, ...words], environment),
    startRefused: (what, words) =>
      launch([...activate, join(directory, 'refuse'), what, ...base, ...words], {}),
    startBake: (words, environment = {}) => launch([...base, '--bake', ...words], environment),
    reload: () => launch([...base, '--reload'], {}),
    addSnapshot: (snapshot) => addSnapshot(join(directory, 'state/web'), snapshot),
    outcome: async () => readPairs(await readFile(join(directory, 'run/outcome/web'), 'utf8')),
    close: async () => {
      for (const child of running) child.kill('SIGKILL');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function addSnapshot(home: string, { id, what, plan, script }: Snapshot): Promise<void> {
  const criu = join(home, 'snapshots', id, 'criu');
  await mkdir(criu, { recursive: true });
  await writeFile(join(home, 'snapshots', id, 'plan'), plan);
  await writeFile(join(criu, 'do'), what);
  await writeFile(join(criu, 'script'), script ?? '');
  await rm(join(home, 'current'), { force: true });
  await symlink(`snapshots/${id}`, join(home, 'current'));
}

function readPairs(content: string): readonly (readonly [string, string])[] {
  const lines = content.split('\n').filter((line) => line !== '');
  return lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
}

function watch(child: ChildProcess): Launcher {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the launcher was started without pipes');
  let out = '';
  let err = '';
  const waiting = new Set<() => void>();
  stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part;
    for (const look of waiting) look();
  });
  stderr.setEncoding('utf8').on('data', (part: string) => {
    err += part;
  });
  // `close` comes after the last byte of both.
  const ended = once(child, 'close').then(() => ({
    status: child.exitCode,
    signal: child.signalCode,
    out,
    err,
  }));
  const saw = (line: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (out.split('\n').slice(0, -1).includes(line)) resolve();
      };
      waiting.add(look);
      look();
      void ended.then(() => {
        reject(new Error(`the launcher ended without the line '${line}':\n${out}${err}`));
      });
    });
  return { process: child, ended, saw };
}

/** Connects to a UNIX socket and answers all that comes until the other end closes. */
export async function readAll(path: string): Promise<string> {
  const socket = createConnection(path);
  await once(socket, 'connect');
  return text(socket);
}

/** One request over a control socket, on a connection of its own. */
export async function ask(host: PrivateHost, unit: string, request: string): Promise<string> {
  const socket = createConnection(join(host.directory, 'run/control', `${unit}.sock`));
  await once(socket, 'connect');
  socket.write(`${request}\n`);
  for await (const line of createInterface({ input: socket })) {
    socket.destroy();
    return line;
  }
  return '';
}
