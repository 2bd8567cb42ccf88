// What a host is to a snapshot, and how two of them differ, in an operator's words. Pure; fingerprint.ts looks.

export interface CriuIdentity {
  readonly path: string;
  readonly size: number;
  readonly mtimeSec: number;
  /** As `criu --version` says it: 4.2.1. */
  readonly version: string;
  /** It was seen to run with the libraries of native/uncalled/. */
  readonly doesWithout: boolean;
}

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
  /** undefined when CRIU is not installed or does not run. */
  readonly criu: CriuIdentity | undefined;
}

/** Why a snapshot made on `then` cannot be trusted on `now`; empty when it can. */
export function differences(then: HostFingerprint, now: HostFingerprint): readonly string[] {
  return [
    ...(then.architecture === now.architecture
      ? []
      : [`the machine was ${then.architecture}, it is ${now.architecture}`]),
    ...(then.kernel === now.kernel ? [] : [`the kernel was ${then.kernel}, it is ${now.kernel}`]),
    ...criuDifferences(then.criu, now.criu),
    ...(then.cpuFlags === now.cpuFlags ? [] : [cpuDifference(then, now)]),
  ];
}

function cpuDifference(then: HostFingerprint, now: HostFingerprint): string {
  return then.cpuModel === now.cpuModel
    ? `the CPU (${now.cpuModel}) has other features than it had`
    : `the CPU was ${then.cpuModel}, it is ${now.cpuModel}`;
}

function criuDifferences(then: CriuIdentity | undefined, now: CriuIdentity | undefined): readonly string[] {
  if (now === undefined) return ['CRIU is missing or does not run'];
  if (then === undefined) return ['it is not known which CRIU made it'];
  if (then.version !== now.version) return [`CRIU was ${then.version}, it is ${now.version}`];
  const isSame = then.path === now.path && then.size === now.size && then.mtimeSec === now.mtimeSec;
  return isSame ? [] : [`CRIU ${now.version} is another build than the one that made it`];
}
