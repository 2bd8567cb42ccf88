// Looks at what known-obstacles.ts judges. Reads /proc and the file system of the store; decides nothing.

import { readFile, statfs } from 'node:fs/promises';
import type { Systemd } from '../bus/systemd.js';
import type { HostFingerprint } from '../host/differences.js';
import type { HostFacts } from './known-obstacles.js';

const store = '/var/lib/grenadine';

export async function readHostFacts(
  host: HostFingerprint,
  systemd: Pick<Systemd, 'version'>,
): Promise<HostFacts> {
  const [version, actions, status, mounts, { bavail, bsize }] = await Promise.all([
    systemd.version(),
    readFile('/proc/sys/kernel/seccomp/actions_avail', 'utf8').catch(() => undefined),
    readFile('/proc/1/status', 'utf8'),
    readFile('/proc/self/mountinfo', 'utf8'),
    statfs(store),
  ]);
  return {
    kernel: host.kernel,
    architecture: host.architecture,
    criu: host.criu,
    systemd: version,
    seccompActions: actions?.trim().split(/\s+/),
    capabilities: boundingSet(status),
    isFavordynmods: hasFavordynmods(mounts),
    storeFreeBytes: bavail * bsize,
  };
}

/** From the text of /proc/PID/status. */
export function boundingSet(status: string): bigint {
  const digits = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return digits === undefined ? 0n : BigInt(`0x${digits}`);
}

/** From the text of /proc/PID/mountinfo (proc_pid_mountinfo(5)): the last field has the options of the file system. */
export function hasFavordynmods(mountinfo: string): boolean | undefined {
  const unified = mountinfo.split('\n').filter((line) => line.includes(' - cgroup2 '));
  if (unified.length === 0) return undefined;
  return unified.some((line) => line.split(' ').at(-1)?.split(',').includes('favordynmods'));
}
