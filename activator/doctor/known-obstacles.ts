// What is known to stand in the way of a snapshot on a host, as a table: which versions do not go together, and what the
// kernel must have. Pure; host-facts.ts looks. Whether it works in truth only the canary tells.

import { criuProblem, type Criu } from '../host/criu.js';
import { isAtLeast } from '../host/versions.js';
import { advised, failed, ok, type Check } from './check.js';

export interface HostFacts {
  /** `uname -r` */
  readonly kernel: string;
  /** Node's word: x64. */
  readonly architecture: string;
  readonly criu: Criu;
  readonly systemd: string;
  /** What seccomp(2) may do here; undefined where nothing says so. */
  readonly seccompActions: readonly string[] | undefined;
  /** The bounding set of PID 1, which that of every service is a part of. */
  readonly capabilities: bigint;
  /** Whether the unified hierarchy is mounted with `favordynmods`; undefined where there is none. */
  readonly isFavordynmods: boolean | undefined;
  /** What the store may still take. */
  readonly storeFreeBytes: number;
}

const installCriu =
  'install CRIU 4.2 or newer; on Debian 13 4.2.1 from testing: add a source for testing with Pin-Priority: 50 ' +
  '(apt_preferences(5)), then apt install criu/testing';

const oldestSystemd = '254';
/** CLOSE_RANGE_CLOEXEC; seccomp's notifications with descriptors, pidfd_getfd(2) and setns(2) with a pidfd are older. */
const oldestKernel = '5.11';
const leastStoreBytes = 64 * 1024 * 1024;

/** Why a CRIU is too old: one before `criuBefore` on Linux from `kernelFrom` on. The first that fits is told. */
const mismatches = [
  { criuBefore: '3.18', kernelFrom: '6.13', does: 'cannot start' },
  {
    criuBefore: '4.2',
    kernelFrom: '6.16',
    does: 'cannot dump any TCP or UDP socket, which `criu check` does not notice,',
  },
] as const;

/** capabilities(7): the number, and whether nothing works without it. */
const capabilities = [
  { name: 'CAP_SYS_ADMIN', bit: 21n, isNeeded: true },
  { name: 'CAP_SYS_PTRACE', bit: 19n, isNeeded: true },
  { name: 'CAP_CHECKPOINT_RESTORE', bit: 40n, isNeeded: true },
  { name: 'CAP_SYS_RESOURCE', bit: 24n, isNeeded: false },
] as const;

/** A row for each thing, those that are well among them. */
export function hostChecks(facts: HostFacts): readonly Check[] {
  return [
    systemdCheck(facts),
    kernelCheck(facts),
    capabilityCheck(facts),
    criuCheck(facts),
    storeCheck(facts),
    ...cgroupChecks(facts),
  ];
}

function systemdCheck({ systemd }: HostFacts): Check {
  return isAtLeast(systemd, oldestSystemd)
    ? ok('systemd', systemd)
    : failed(
        'systemd',
        `${systemd} is older than ${oldestSystemd}, and does not know RestartSteps=`,
        `upgrade the distribution to one with systemd ${oldestSystemd} or newer`,
      );
}

function kernelCheck({ kernel, architecture, seccompActions }: HostFacts): Check {
  if (!isAtLeast(kernel, oldestKernel))
    return failed('kernel', `${kernel} is older than ${oldestKernel}`, `boot Linux ${oldestKernel} or newer`);
  if (seccompActions !== undefined && !seccompActions.includes('user_notif'))
    return failed(
      'kernel',
      `${kernel} has no seccomp user notification`,
      'boot a kernel with CONFIG_SECCOMP_FILTER; without it no application can be given its sockets',
    );
  return architecture === 'x64'
    ? ok('kernel', kernel)
    : advised('kernel', `${kernel} on ${architecture}`, 'only x86-64 was tried; the canary tells');
}

function capabilityCheck({ capabilities: held }: HostFacts): Check {
  const missing = capabilities.filter(({ bit }) => (held & (1n << bit)) === 0n);
  const names = missing.map(({ name }) => name).join(', ');
  if (missing.length === 0) return ok('capabilities', 'all that CRIU uses');
  return missing.some(({ isNeeded }) => isNeeded)
    ? failed('capabilities', `services lack ${names}`, 'let the container that this is have them')
    : advised(
        'capabilities',
        `services lack ${names}: an application whose processes run as several users cannot be dumped`,
        'let the container that this is have it',
      );
}

function criuCheck({ criu, kernel }: HostFacts): Check {
  switch (criu.kind) {
    case 'present':
      return ok('criu', criu.identity.version);
    case 'missing':
      return failed('criu', criuProblem(criu), installCriu);
    case 'broken':
      return failed('criu', criuProblem(criu), `see what ${criu.path} --version says, or ${installCriu}`);
    case 'too-old':
      return failed('criu', criuProblem(criu) + mismatch(criu.version, kernel), installCriu);
  }
}

/** '' where nothing is known of such an old one on this kernel. */
function mismatch(version: string, kernel: string): string {
  const known = mismatches.find(
    ({ criuBefore, kernelFrom }) => !isAtLeast(version, criuBefore) && isAtLeast(kernel, kernelFrom),
  );
  return known === undefined ? '' : `: it ${known.does} on Linux ${known.kernelFrom} and newer`;
}

function storeCheck({ storeFreeBytes }: HostFacts): Check {
  const free = `${Math.floor(storeFreeBytes / (1024 * 1024))} MiB free`;
  return storeFreeBytes >= leastStoreBytes
    ? ok('store', `/var/lib/grenadine/, ${free}`)
    : failed(
        'store',
        `/var/lib/grenadine/ has only ${free}`,
        'make room: grenadine prune, Limit= and Keep= of grenadine.conf(5), or a larger file system',
      );
}

function cgroupChecks({ isFavordynmods }: HostFacts): readonly Check[] {
  if (isFavordynmods === undefined) return [];
  return [
    isFavordynmods
      ? ok('favordynmods', 'on')
      : advised(
          'favordynmods',
          'off, which costs every start of a service 10 to 20 ms',
          'systemctl enable --now grenadine-favordynmods.service, after reading QUICKER STARTS in grenadine(7)',
        ),
  ];
}
