/** How much of everything a host has that a start might forget to give back. Reads /proc, cgroupfs and /run only. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { mainPid } from '../systemctl.js';

export type HostCounts = Readonly<Record<string, number>>;

/** Of what runs all the time; a start must not leave a descriptor in any of them. */
const daemons = ['grenadine-activator.service', 'dbus.service', 'systemd-journald.service'] as const;
const kinds = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'] as const;

const settleMs = 10_000;

export async function hostCounts(): Promise<HostCounts> {
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

/** The counts as soon as they are `wanted`, or what they still are after ten seconds. */
export async function settledCounts(wanted: HostCounts): Promise<HostCounts> {
  const deadlineMs = Date.now() + settleMs;
  for (;;) {
    const counts = await hostCounts();
    const isSettled = Object.entries(wanted).every(([key, value]) => counts[key] === value);
    if (isSettled || Date.now() > deadlineMs) return counts;
    await pause(100);
  }
}

async function count(path: string, recursive = false): Promise<number> {
  const entries = await readdir(path, { recursive, withFileTypes: true });
  return entries.filter((entry) => !(path === '/sys/fs/cgroup' && entry.isFile())).length;
}
