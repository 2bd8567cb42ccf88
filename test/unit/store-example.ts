// One complete manifest and plan for the tests of the store.

import type { CriuIdentity } from '../../activator/host/criu.js';
import type { HostFingerprint, SnapshotHost } from '../../activator/host/differences.js';
import type { Manifest } from '../../activator/store/manifest.js';
import type { Plan } from '../../activator/store/plan.js';

export const exampleCriu: CriuIdentity = {
  ...{ path: '/usr/sbin/criu', size: 1, mtimeSec: 2, version: '4.2.1', doesWithout: true },
};

const madeUpon: SnapshotHost = {
  kernel: '6.12.0',
  architecture: 'x64',
  cpuModel: 'Acme One',
  cpuFlags: 'a',
  memoryBytes: 8_000_000_000,
  criu: exampleCriu,
};

/** The one that the manifest was made upon, as it is now. */
export const exampleHost: HostFingerprint = {
  ...madeUpon,
  criu: { kind: 'present', identity: exampleCriu },
};

export const exampleManifest: Manifest = {
  application: 'web',
  createdUs: 1_750_000_000_000_000,
  configuration: '0123456789abcdef',
  release: { id: 'r1', path: '/srv/web/current', target: '/srv/web/releases/r1' },
  host: madeUpon,
  processes: [{ pid: 2, parent: 0, comm: 'node', threads: 7 }],
  listeners: [
    {
      index: 0,
      family: 'inet6',
      listen: '80',
      address: '[::1]:4711',
      inode: 100,
      backlog: 511,
      nonblock: true,
      v6only: false,
      options: [{ level: 1, name: 9, value: '01000000' }],
    },
  ],
  files: [
    { path: '/usr/bin/node', use: 'code', size: 5, mtimeSec: 6, buildId: 'ab', mappedEnd: 4096 },
    {
      path: '/srv/log',
      use: 'written',
      size: undefined,
      mtimeSec: undefined,
      buildId: undefined,
      mappedEnd: undefined,
    },
  ],
  images: [{ name: 'files.img', bytes: 3, sha256: 'a'.repeat(64) }],
  planSha256: undefined,
  pagesBytes: 70_000_000,
  memory: { kind: 'mapped', bytes: 60_000_000 },
  reuse: { kind: 'unlimited', why: '' },
  timings: { coldMs: 1500, dumpMs: 200, proveMs: 60 },
};

export const examplePlan: Plan = {
  application: 'web',
  snapshot: '000000000000',
  configuration: '0123456789abcdef',
  kernel: '6.12.0',
  criu: { size: 1, mtimeSec: 2, doesWithout: true },
  release: undefined,
  pid: 2,
  pidFloor: 4096,
  stdout: undefined,
  stderr: undefined,
  isMapped: false,
  isForOnce: false,
  hasSeed: false,
  signals: [],
  after: [],
  listeners: [],
  files: [],
  deadlineMs: 1000,
};
