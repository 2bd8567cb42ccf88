// Whether a snapshot may serve now. Pure: the present is handed in.

import { describeChanges, type FileChange } from '../files/changes.js';
import { differences, type HostFingerprint } from '../host/differences.js';
import type { Manifest } from './manifest.js';

export interface Present {
  readonly configuration: string;
  readonly release: { readonly id: string; readonly target: string | undefined };
  readonly host: HostFingerprint;
  /** What was seen to have changed of the snapshot's files. */
  readonly changes: readonly FileChange[];
}

export type Staleness =
  | { readonly kind: 'configuration' }
  | { readonly kind: 'release'; readonly then: string; readonly now: string }
  | { readonly kind: 'host'; readonly differences: readonly string[] }
  | { readonly kind: 'files'; readonly changes: readonly FileChange[] }
  | { readonly kind: 'uncompared' };

export type Validity = { readonly kind: 'valid' } | { readonly kind: 'stale'; readonly why: Staleness };

/** The first reason in the order in which an operator would look: what they deployed, what they wrote, where it runs. */
export function judge(manifest: Manifest, present: Present): Validity {
  const why = staleness(manifest, present);
  return why === undefined ? { kind: 'valid' } : { kind: 'stale', why };
}

function staleness(
  manifest: Manifest,
  { configuration, release, host, changes }: Present,
): Staleness | undefined {
  if (manifest.release.id !== release.id || manifest.release.target !== release.target) {
    return { kind: 'release', then: manifest.release.id, now: release.id };
  }
  if (manifest.configuration !== configuration) return { kind: 'configuration' };
  const found = differences(manifest.host, host);
  if (found.length > 0) return { kind: 'host', differences: found };
  if (changes.length > 0) return { kind: 'files', changes };
  return manifest.reuse === undefined ? { kind: 'uncompared' } : undefined;
}

export function describeStaleness(why: Staleness): string {
  switch (why.kind) {
    case 'configuration':
      return 'the configuration has changed since';
    case 'release':
      return why.then === why.now
        ? `release ${why.now} has moved`
        : `it is of release ${why.then}, now ${why.now} is deployed`;
    case 'host':
      return why.differences.join('; ');
    case 'files':
      return describeChanges(why.changes);
    case 'uncompared':
      return 'an older version made it, which did not look whether restores of it repeat each other';
  }
}
