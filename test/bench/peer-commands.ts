/** The peers that have a snapshot, as data: what makes it, what restores it, what ends what was restored. Pure. */

export interface Peer {
  readonly row: string;
  readonly what: string;
  readonly port: number;
  /** Boots, warms up and dumps, when it has the port as one word more; none where another peer's snapshot serves. */
  readonly make?: readonly string[];
  /** The folder of its snapshot. */
  readonly images: string;
  readonly restore: readonly string[];
  readonly end: readonly string[];
}

const scripts = '/src/test/bench/peers';
const imagesOf = (name: string): string => `/var/lib/peers/${name}`;

const bare = {
  port: 3060,
  images: imagesOf('criu'),
  restore: [
    ...['criu', 'restore', '--restore-detached', '--images-dir', imagesOf('criu')],
    ...['--tcp-close', '--file-locks'],
  ],
  end: [`${scripts}/criu`, 'end'],
};

const ociRestore = (runtime: string): readonly string[] => [
  ...[runtime, 'restore', '--detach', '--image-path', imagesOf(runtime)],
  ...['--work-path', `/run/peers/${runtime}`, '--file-locks', '--bundle', `/run/peers/${runtime}`, 'peer'],
];

export const peers: readonly Peer[] = [
  {
    ...{ ...bare, row: 'criu-130', what: 'criu restore, CRIU_FAULT=130, no unit' },
    ...{ make: [`${scripts}/criu`, 'make'], restore: ['env', 'CRIU_FAULT=130', ...bare.restore] },
  },
  { ...bare, row: 'criu', what: 'criu restore, no unit' },
  ...['runc', 'crun'].map((runtime, index) => ({
    ...{ row: runtime, what: `${runtime} restore`, port: 3061 + index },
    ...{ make: [`${scripts}/oci`, runtime, 'make'], end: [`${scripts}/oci`, runtime, 'end'] },
    ...{ images: imagesOf(runtime), restore: ociRestore(runtime) },
  })),
  ...[
    { row: 'podman', name: 'runc', path: 'runc', port: 3063 },
    { row: 'podman-crun', name: 'crun', path: `${scripts}/ignoring/crun`, port: 3064 },
  ].map(({ row, name, path, port }) => ({
    ...{ row, what: `podman container restore, with ${name}`, port },
    ...{ make: [`${scripts}/podman`, path, 'make'], end: [`${scripts}/podman`, path, 'end'] },
    images: '/var/lib/containers/storage/vfs-containers',
    restore: [
      ...['podman', '--runtime', path, 'container', 'restore'],
      ...['--keep', '--file-locks', '--tcp-established', `peer-${name}`],
    ],
  })),
];

/** From Debian 13, and libcriu for crun from where the bed has its criu. */
export const packages = ['runc', 'crun', 'libcriu2', 'podman'];
/** The rows that need them. */
export const packaged = ['runc', 'crun', 'podman', 'podman-crun'];
