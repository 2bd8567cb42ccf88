// The rows about snapshots: what ListSnapshots answers, and what other rows say of one. Pure.

import { faultOfSnapshot, type ApplicationState } from '../applications.js';
import { typed } from '../bus/connection.js';
import type { HostFingerprint } from '../host/differences.js';
import type { StoredSnapshot } from '../store/store.js';
import type { Dict } from './dict.js';

export function listSnapshots(state: ApplicationState, host: HostFingerprint): readonly Dict[] {
  return state.snapshots.map((snapshot, index) => {
    const fault = faultOfSnapshot(state, snapshot, host);
    return {
      number: typed('u', index + 1),
      id: typed('s', snapshot.id),
      current: typed('b', snapshot.isCurrent),
      pinned: typed('b', snapshot.isPinned),
      valid: typed('b', fault === undefined),
      stale: typed('s', fault ?? ''),
      used: typed('b', snapshot.isUsed),
      ...reuseOf(snapshot),
      ...figures(snapshot),
    };
  });
}

function figures({ manifest, bytes }: StoredSnapshot): Dict {
  const { timings, release, createdUs } = manifest;
  return {
    release: typed('s', release.id),
    'created-us': typed('t', BigInt(createdUs)),
    bytes: typed('t', BigInt(bytes)),
    'cold-ms': typed('u', timings.coldMs),
    'dump-ms': typed('u', timings.dumpMs),
    'prove-ms': typed('u', timings.proveMs),
    ...memoryOf(manifest),
  };
}

/** Whether a restore maps the memory, and why not. */
export function memoryOf({ memory }: StoredSnapshot['manifest']): Dict {
  return {
    memory: typed('s', memory.kind),
    'memory-why': typed('s', memory.kind === 'copied' ? memory.why : ''),
  };
}

/** How many starts a snapshot serves, and why not any number, or although it had better not. */
export function reuseOf(snapshot: StoredSnapshot | undefined): Dict {
  const reuse = snapshot?.manifest.reuse;
  return {
    reuse: typed('s', reuse?.kind ?? ''),
    'reuse-why': typed('s', reuse?.why ?? ''),
  };
}

/** What the next start gets, as far as the last bake tells. */
export function newestCompared({ snapshots, configuration }: ApplicationState): StoredSnapshot | undefined {
  return snapshots.find(({ manifest }) => manifest.configuration === configuration);
}
