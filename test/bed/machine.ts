/**
 * One boot of a bed: systemd-nspawn on an overlay of the root, until its systemd says how the boot went.
 * It knows nothing of packages or commands. A reboot is another call: nspawn ends with status 133 for it.
 */
import { copyFile, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BedError } from './bed-error.js';
import { childrenOf } from './children.js';
import type { Layer } from './layer.js';
import { hostFolder } from './root-recipe.js';
import { lastLines, runCommand, startCommand, type StartedCommand } from './run-command.js';

export interface Bind {
  readonly host: string;
  readonly bed: string;
  readonly isWritable?: boolean;
}

export interface Machine {
  /** The PID of the bed's PID 1, as the host sees it. */
  readonly leader: number;
  /** What systemd said of its boot: `running`, or `degraded` when a unit failed. */
  readonly state: string;
  readonly ended: Promise<number>;
}

/** What nspawn returns under --keep-unit when the bed has rebooted: EXIT_FORCE_RESTART. */
export const rebootStatus = 133;

const bootTimeoutMs = 60_000;

/**
 * Constant text with positional parameters, as there is no other room between fork and exec: the cgroup must be
 * joined before nspawn makes its own below it, the overlay mounted where nobody else sees it.
 */
const bootScript = `set -e
echo $$ >"$1/cgroup.procs"
mount -t overlay overlay -o "$2" "$3"
shift 3
exec "$@"`;

/** Boots the layer over the root; throws `boot-failed`, with the console's last lines, when that does not work. */
export async function bootMachine(root: string, layer: Layer, binds: readonly Bind[]): Promise<Machine> {
  const ready = join(layer.shared, 'ready');
  await rm(ready, { force: true });
  await runCommand(['mkfifo', '-m', '600', ready]);
  const logPath = join(layer.folder, 'console.log');
  const log = await open(logPath, 'w');
  const nspawn = await startCommand([...launchArgv(root, layer), ...nspawnArgv(layer, binds)], {
    stdout: log.fd,
    stderr: log.fd,
    env: nspawnEnvironment,
    isSession: true,
  });
  await log.close();
  // Opening a FIFO waits for its writer, and that is all this process does.
  const reader = await startCommand(['cat', ready]);
  const state = await bootState(nspawn, reader);
  if (state !== 'running' && state !== 'degraded') {
    await copyFile(logPath, layer.failureLog);
    const said = lastLines(await readFile(logPath, 'utf8'), 30);
    throw new BedError(
      'boot-failed',
      `the bed did not boot: ${state}. All it said: ${layer.failureLog}\n${said}`,
    );
  }
  const [leader] = await childrenOf(nspawn.pid);
  if (leader === undefined) throw new BedError('boot-failed', 'systemd-nspawn has no child: the bed is gone');
  return { leader, state, ended: nspawn.ended };
}

/** Waits for whatever comes first: the bed's word, the end of nspawn, the deadline. */
async function bootState(nspawn: StartedCommand, reader: StartedCommand): Promise<string> {
  let said = '';
  reader.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  const timeout = new AbortController();
  const late = new Promise<string>((resolve) => {
    const timer = setTimeout(resolve, bootTimeoutMs, `systemd was not up after ${bootTimeoutMs / 1000} s`);
    timeout.signal.addEventListener('abort', () => {
      clearTimeout(timer);
    });
  });
  const state = await Promise.race([
    reader.ended.then(() => said.trim()),
    nspawn.ended.then((status) => `systemd-nspawn ended with status ${status}`),
    late,
  ]);
  timeout.abort();
  reader.kill();
  return state;
}

function launchArgv(root: string, layer: Layer): string[] {
  const overlay = `lowerdir=${root},upperdir=${layer.upper},workdir=${layer.work}`;
  return [
    ...['unshare', '--mount', '--propagation', 'private'],
    ...['sh', '-c', bootScript, 'bed', layer.cgroup, overlay, layer.mountPoint],
  ];
}

function nspawnArgv(layer: Layer, binds: readonly Bind[]): string[] {
  return [
    ...['systemd-nspawn', '--directory', layer.mountPoint, '--machine', `bed-${layer.id}`, '--hostname=bed'],
    // No settings, journal links or DNS of the host's; no registration, as the host may have no systemd.
    ...['--settings=no', '--link-journal=no', '--resolv-conf=off', '--timezone=off'],
    ...['--register=no', '--keep-unit'],
    // A loopback of its own: beds side by side listen on the same ports.
    '--private-network',
    // CRIU asks for about everything that root can do.
    '--capability=all',
    ...['--boot', '--console=pipe'],
    `--bind=${layer.shared}:${hostFolder}`,
    ...binds.map(
      ({ host, bed, isWritable }) => `${isWritable === true ? '--bind' : '--bind-ro'}=${host}:${bed}`,
    ),
  ];
}

const nspawnEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  // Also on hosts that still mount the old hierarchies.
  SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1',
  // nspawn's filter would be part of every process that CRIU dumps, and forbids some of what it does.
  SYSTEMD_SECCOMP: '0',
  // CRIU writes ns_last_pid and reads much of /proc/sys.
  SYSTEMD_NSPAWN_API_VFS_WRITABLE: '1',
};
