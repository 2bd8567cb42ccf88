/** How much of everything a host has that a start might forget to give back. Reads /proc, cgroupfs and /run only. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { mainPid } from '../systemctl.js';

export type HostCounts = Readonly<Record<string, number>>;

/** Of what runs all the time; a start must not leave a descriptor in any of them. */
const daemons = ['grenadine-activator.service', 'dbus.service', 'systemd-journald.service'] as const;
const kinds = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'] as const;

const settleMs = 10_000;
/** What ended a moment ago may still be given back. */
const restMs = 1000;

async function hostCounts(): Promise<HostCounts> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const daemonPids = await Promise.all(daemons.map((unit) => mainPid(unit)));
  const links = await Promise.all(
    pids.flatMap((pid) => kinds.map((kind) => readlink(`/proc/${pid}/ns/${kind}`).catch(() => ''))),
  );
  const descriptors = await Promise.all([1, ...daemonPids].map((pid) => count(`/proc/${pid}/fd`)));
  return {
    processes: pids.length,
    mounts: (await readFile('/proc/1/mountinfo', 'utf8')).split('\n').length,
    namespaces: new Set(links).size,
    cgroups: await count('/sys/fs/cgroup', true),
    'files in /run/grenadine': await count('/run/grenadine', true),
    'files in the store': await count('/var/lib/grenadine', true),
    ...Object.fromEntries(
      ['systemd', ...daemons].map((name, index) => [`descriptors of ${name}`, descriptors[index] ?? 0]),
    ),
  };
}

/** The counts once they have been the same for a second. */
export async function restingCounts(): Promise<HostCounts> {
  let counts = await hostCounts();
  let sinceMs = Date.now();
  while (Date.now() - sinceMs < restMs) {
    await pause(100);
    const now = await hostCounts();
    if (!isSame(counts, now)) [counts, sinceMs] = [now, Date.now()];
  }
  return counts;
}

/** The counts as soon as they are `wanted`, or what they still are after ten seconds. */
export async function settledCounts(wanted: HostCounts): Promise<HostCounts> {
  const deadlineMs = Date.now() + settleMs;
  for (;;) {
    const counts = await hostCounts();
    if (isSame(wanted, counts) || Date.now() > deadlineMs) return counts;
    await pause(100);
  }
}

function isSame(one: HostCounts, other: HostCounts): boolean {
  return Object.entries(one).every(([key, value]) => other[key] === value);
}

async function count(path: string, recursive = false): Promise<number> {
  const entries = await readdir(path, { recursive, withFileTypes: true });
  return entries.filter((entry) => !(path === '/sys/fs/cgroup' && entry.isFile())).length;
}
