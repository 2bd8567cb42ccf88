// What a host is to a snapshot, and how two of them differ, in an operator's words. Pure; fingerprint.ts looks.

import { criuProblem, type Criu, type CriuIdentity } from './criu.js';

export interface HostFingerprint {
  /** `uname -r` */
  readonly kernel: string;
  /** Node's word: x64, arm64. */
  readonly architecture: string;
  readonly cpuModel: string;
  /** A digest of the CPU's sorted feature flags. */
  readonly cpuFlags: string;
  /** For people; a snapshot does not depend on it. */
  readonly memoryBytes: number;
  readonly criu: Criu;
}

/** The host as it was when a snapshot was made, which takes a CRIU. */
export interface SnapshotHost extends Omit<HostFingerprint, 'criu'> {
  readonly criu: CriuIdentity;
}

/** Why a snapshot made on `then` cannot be trusted on `now`; empty when it can. */
export function differences(then: SnapshotHost, now: HostFingerprint): readonly string[] {
  return [...machineDifferences(then, now), ...criuDifferences(then.criu, now.criu)];
}

/** What is another than at the look before; empty where nothing is, be it well or not. */
export function changesOf(before: HostFingerprint, now: HostFingerprint): readonly string[] {
  return [...machineDifferences(before, now), ...criuChanges(before.criu, now.criu)];
}

type Machine = Omit<HostFingerprint, 'criu'>;

function machineDifferences(then: Machine, now: Machine): readonly string[] {
  return [
    ...(then.architecture === now.architecture
      ? []
      : [`the machine was ${then.architecture}, it is ${now.architecture}`]),
    ...(then.kernel === now.kernel ? [] : [`the kernel was ${then.kernel}, it is ${now.kernel}`]),
    ...(then.cpuFlags === now.cpuFlags ? [] : [cpuDifference(then, now)]),
  ];
}

function cpuDifference(then: Machine, now: Machine): string {
  return then.cpuModel === now.cpuModel
    ? `the CPU (${now.cpuModel}) has other features than it had`
    : `the CPU was ${then.cpuModel}, it is ${now.cpuModel}`;
}

function criuDifferences(then: CriuIdentity, found: Criu): readonly string[] {
  if (found.kind !== 'present') return [criuProblem(found)];
  const now = found.identity;
  if (then.version !== now.version) return [`CRIU was ${then.version}, it is ${now.version}`];
  const isSame = then.path === now.path && then.size === now.size && then.mtimeSec === now.mtimeSec;
  return isSame ? [] : [`CRIU ${now.version} is another build than the one that made it`];
}

function criuChanges(before: Criu, now: Criu): readonly string[] {
  if (before.kind === 'present') return criuDifferences(before.identity, now);
  if (now.kind === 'present') return [`${now.identity.path} is ${now.identity.version} now`];
  const problem = criuProblem(now);
  return problem === criuProblem(before) ? [] : [problem];
}
