// Which files a snapshot depends on, and what has become of them, in an operator's words. Pure; look.ts looks.
//
// A restored process goes on with memory that was computed from the files it maps, and CRIU opens them again by path:
// - `code`, mapped private or the executable, must be what it was: of another size or build CRIU refuses it, and of the
//   same size the process would run what is no longer installed. The build-id decides where there is one, so that a
//   library that was only touched, or installed again, changes nothing; for all else the time of the last change does.
// - `shared` and `read` must have their size where CRIU insists on it (images/loosen-files.ts). What they hold may change:
//   it changes under a living process, too.
// - What the application itself writes (a database, its -shm, a log) may change, but not go: CRIU opens it and does not
//   make it. What is mapped of it must still be there, or the restored process dies of SIGBUS at its first look.
// - `environment` must hold the same. systemd may also have found none there, and then there must be none.
// - What lay at no path of its own at the dump (a deleted file) is nobody's concern: CRIU carries it along.

import { basename } from 'node:path';
import type { ManifestFile } from '../store/manifest.js';

/** A file as it is now. */
export interface FileFacts {
  readonly size: number;
  readonly mtimeSec: number;
  /** undefined: none, or it made no difference. */
  readonly buildId: string | undefined;
}

export type FileChange =
  | { readonly kind: 'replaced'; readonly path: string }
  | { readonly kind: 'edited'; readonly path: string }
  | { readonly kind: 'appeared'; readonly path: string }
  | { readonly kind: 'gone'; readonly path: string }
  | { readonly kind: 'resized'; readonly path: string; readonly then: number; readonly now: number };

/** What has changed of the files of each snapshot, by its id; those that are as they were are not in it. */
export type ChangedFiles = ReadonlyMap<string, readonly FileChange[]>;

const mostNamed = 3;

/** Does it matter what lies there? */
export function isInsistedOn({ use, mtimeSec }: ManifestFile): boolean {
  return use === 'environment' || mtimeSec !== undefined;
}

/** Can only the build-id, or what the file holds, tell whether it is the one that was mapped or read? */
export function needsBuildId(file: ManifestFile, now: Omit<FileFacts, 'buildId'>): boolean {
  return (
    file.buildId !== undefined &&
    now.size === file.size &&
    (file.use === 'environment' || (file.use === 'code' && now.mtimeSec !== file.mtimeSec))
  );
}

/** `now` is undefined when there is no such file. */
export function changeOf(file: ManifestFile, now: FileFacts | undefined): FileChange | undefined {
  const { path, size, mappedEnd = 0 } = file;
  if (!isInsistedOn(file)) return undefined;
  if (file.use === 'environment') return changeOfEnvironment(file, now);
  if (now === undefined) return { kind: 'gone', path };
  if (size === undefined)
    return now.size >= mappedEnd ? undefined : { kind: 'resized', path, then: mappedEnd, now: now.size };
  if (file.use !== 'code')
    return now.size === size ? undefined : { kind: 'resized', path, then: size, now: now.size };
  const isSame = now.mtimeSec === file.mtimeSec || (needsBuildId(file, now) && now.buildId === file.buildId);
  return now.size === size && isSame ? undefined : { kind: 'replaced', path };
}

/** It is small: what it holds decides, whatever its times say. */
function changeOfEnvironment(file: ManifestFile, now: FileFacts | undefined): FileChange | undefined {
  const { path, size, mtimeSec, buildId } = file;
  if (mtimeSec === undefined) return now === undefined ? undefined : { kind: 'appeared', path };
  if (now === undefined) return { kind: 'gone', path };
  return now.size === size && now.buildId === buildId ? undefined : { kind: 'edited', path };
}

export function describeChanges(changes: readonly FileChange[]): string {
  const named = changes.slice(0, mostNamed).map(describeChange).join('; ');
  const more = changes.length - mostNamed;
  return more <= 0 ? named : `${named}; and ${more} more ${more === 1 ? 'file' : 'files'}`;
}

function describeChange(change: FileChange): string {
  const path = printable(change.path);
  const name = basename(path);
  switch (change.kind) {
    case 'replaced':
      return `${name} was replaced (${path})`;
    case 'edited':
      return `${name} was edited (${path})`;
    case 'appeared':
      return `${name} is there now (${path})`;
    case 'gone':
      return `${name} is gone (${path})`;
    case 'resized':
      return `${name} had ${change.then} bytes, it has ${change.now} (${path})`;
  }
}

/** Paths are the application's to choose, and are shown in tables and written to the journal. */
function printable(path: string): string {
  return path.replace(/\p{Cc}/gu, '?');
}
