// The manifest: what a snapshot is, what it was made from and upon, and how it did. Shapes, canonical text and the id
// that follows from it. Pure; read-manifest.ts reads the text back.

import { createHash } from 'node:crypto';
import type { SnapshotHost } from '../host/differences.js';
import { canonicalJson } from './json-shape.js';
import type { PlanOption } from './plan.js';

export interface ManifestListener {
  readonly index: number;
  readonly family: 'inet' | 'inet6' | 'unix';
  /** `ListenStream=` as the operator wrote it. */
  readonly listen: string;
  /** Where the application listened while it was baked. */
  readonly address: string;
  readonly inode: number;
  readonly backlog: number;
  readonly nonblock: boolean;
  readonly v6only: boolean | undefined;
  readonly options: readonly PlanOption[];
}

/**
 * A file that the restored processes open or map; `use` and `mappedEnd` as in images/inspect.ts, but of what the
 * application writes no more than was there. `size` is undefined where CRIU insists on none, `mtimeSec` where nothing lay
 * at the path when it was dumped. Links to libraries and programs are listed, too (files/record.ts). What must stay as it was is said in files/changes.ts.
 */
export interface ManifestFile {
  readonly path: string;
  /** `environment`: systemd read it when the application booted, and nobody has it open. */
  readonly use: 'code' | 'shared' | 'written' | 'read' | 'environment';
  readonly size: number | undefined;
  readonly mtimeSec: number | undefined;
  /** Of `environment`, the SHA-256 of what it holds. */
  readonly buildId: string | undefined;
  readonly mappedEnd: number | undefined;
}

export interface ManifestProcess {
  readonly pid: number;
  readonly parent: number;
  readonly comm: string;
  readonly threads: number;
}

export interface ImageSum {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Whether a restore maps the memory from a file of criu/, and how much of it, or why it copies all of it. */
export type ManifestMemory =
  { readonly kind: 'mapped'; readonly bytes: number } | { readonly kind: 'copied'; readonly why: string };

/** How many starts it serves, and why, in an operator's words: '' where nothing is known that a restore would repeat. */
export interface ManifestReuse {
  readonly kind: 'unlimited' | 'once';
  readonly why: string;
}

export interface Manifest {
  readonly application: string;
  /** CLOCK_REALTIME when the bake ended, in microseconds. */
  readonly createdUs: number;
  readonly configuration: string;
  readonly release: {
    readonly id: string;
    readonly path: string | undefined;
    readonly target: string | undefined;
  };
  readonly host: SnapshotHost;
  readonly processes: readonly ManifestProcess[];
  readonly listeners: readonly ManifestListener[];
  readonly files: readonly ManifestFile[];
  /** Every file of criu/, sorted by name. */
  readonly images: readonly ImageSum[];
  /** By plan-sum.ts; undefined of snapshots that were made before there was one. */
  readonly planSha256: string | undefined;
  /** Bytes of dumped memory. */
  readonly pagesBytes: number;
  readonly memory: ManifestMemory;
  /** Undefined where nobody has compared restores yet: it was made by an older version. */
  readonly reuse: ManifestReuse | undefined;
  readonly timings: { readonly coldMs: number; readonly dumpMs: number; readonly proveMs: number };
}

/** The bytes of manifest.json. The id is not in them: it follows from them. */
export function renderManifest(manifest: Manifest): string {
  return canonicalJson({ version: 1, ...manifest });
}

/** `sha256sum manifest.json`, the first 12 digits. */
export function snapshotId(manifestText: string): string {
  return createHash('sha256').update(manifestText).digest('hex').slice(0, 12);
}
