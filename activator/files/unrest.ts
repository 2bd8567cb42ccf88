// What counts as one upgrade, and how long its files must rest before anything is baked upon them. Pure; the clock and
// what was seen are handed in.

import type { SettleState } from '../release/settle.js';
import { changeOf, isInsistedOn, type ChangedFiles, type FileFacts } from './changes.js';
import type { Manifest, ManifestFile } from '../store/manifest.js';

/** A snapshot as far as its files go. */
export interface MappingSnapshot {
  readonly id: string;
  readonly manifest: Pick<Manifest, 'files'>;
}

export interface UpgradeSighting {
  readonly changed: ChangedFiles;
  /** Differs from look to look while files are still being replaced. */
  readonly mark: string;
}

/** dpkg unpacks a package in less, and renames all its files at the end of that. */
const shortestRestMs = 5000;
const longestRestMs = 60 * 60_000;
/** How long an upgrade is remembered. */
const memoryMs = 60 * 60_000;

/** Every file that the snapshots depend on, each as often as a snapshot lists it. */
export function filesOf(snapshots: readonly MappingSnapshot[]): readonly ManifestFile[] {
  return snapshots.flatMap(({ manifest }) => manifest.files.filter(isInsistedOn));
}

/** `factsOf` answers undefined where there is no such file. */
export function compare(
  snapshots: readonly MappingSnapshot[],
  factsOf: (path: string) => FileFacts | undefined,
): UpgradeSighting {
  const changed = snapshots.flatMap(({ id, manifest }) => {
    const changes = manifest.files.flatMap((file) => changeOf(file, factsOf(file.path)) ?? []);
    return changes.length === 0 ? [] : [[id, changes] as const];
  });
  const paths = new Set(changed.flatMap(([, changes]) => changes.map(({ path }) => path)));
  const facts = [...paths].sort().map((path) => [path, factsOf(path)]);
  return { changed: new Map(changed), mark: JSON.stringify(facts) };
}

/** The snapshots that counted as whole at `before` and have changed files at `after`. */
export function newlyStale(before: UpgradeSighting, after: UpgradeSighting): readonly string[] {
  return [...after.changed.keys()].filter((id) => !before.changed.has(id));
}

/**
 * Each upgrade within the last hour makes the next one wait four times as long: a file that something rewrites again and
 * again must not be answered with a bake each time. `upgradesMs` are the times of the last ones.
 */
export function restMs(upgradesMs: readonly number[], nowMs: number): number {
  const recent = upgradesMs.filter((atMs) => nowMs - atMs < memoryMs).length;
  return Math.min(longestRestMs, shortestRestMs * 4 ** recent);
}

/** What counts of what was seen last. */
export function countedOf(state: SettleState<UpgradeSighting>): UpgradeSighting {
  return state.kind === 'settled' ? state.sighting : state.before;
}
