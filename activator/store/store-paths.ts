// Where a snapshot store keeps what, and which names may become paths. Touches nothing. INVARIANT: every path below the
// store is made here, from an application's name and a snapshot's id that have been looked at.

import { join } from 'node:path';
import { GrenadineError } from '../../generator/config/error.js';

/** The folder of one application: ROOT/NAME. */
export interface ApplicationPaths {
  readonly name: string;
  readonly home: string;
  readonly snapshots: string;
  readonly quarantine: string;
  readonly tmp: string;
  /** A relative symbolic link to snapshots/ID. */
  readonly current: string;
  /** The same, to the snapshot that somebody chose; missing unless somebody did. */
  readonly pin: string;
}

const applicationName = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const snapshotIdForm = /^[0-9a-f]{12}$/;

/** `bad-name` for what can be no application. */
export function applicationPaths(root: string, name: string): ApplicationPaths {
  if (!isApplicationName(name))
    throw new GrenadineError('bad-name', `'${name}' cannot be an application's name`);
  const home = join(root, name);
  return {
    name,
    home,
    snapshots: join(home, 'snapshots'),
    quarantine: join(home, 'quarantine'),
    tmp: join(home, 'tmp'),
    current: join(home, 'current'),
    pin: join(home, 'pin'),
  };
}

export function isApplicationName(name: string): boolean {
  return applicationName.test(name) && !name.endsWith('-bake');
}

export function isSnapshotId(id: string): boolean {
  return snapshotIdForm.test(id);
}

/** `bad-snapshot-id` for what can be no id. */
export function snapshotPath(paths: ApplicationPaths, id: string): string {
  return join(paths.snapshots, checkedId(id));
}

export function quarantinePath(paths: ApplicationPaths, id: string): string {
  return join(paths.quarantine, checkedId(id));
}

/** Where a snapshot's folder says why it was taken out of service. */
export function reasonPath(folder: string): string {
  return join(folder, 'why');
}

function checkedId(id: string): string {
  if (!isSnapshotId(id)) throw new GrenadineError('bad-snapshot-id', `'${id}' cannot be a snapshot's id`);
  return id;
}

/** The mark of a snapshot that serves one start, which that start renames (native/single-use.c). */
export const unusedMark = 'unused';

export function linkTarget(id: string): string {
  return `snapshots/${checkedId(id)}`;
}

/** The id that `current` points to; undefined for a link that this store did not make. */
export function linkedId(target: string): string | undefined {
  return /^snapshots\/([0-9a-f]{12})$/.exec(target)?.[1];
}
