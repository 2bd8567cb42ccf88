// Names the release that `[Release] Path=` points to now, and when `Trigger=` was touched last. Looks once; does not
// watch, and reads nothing below the release but REVISION.

import { createHash } from 'node:crypto';
import { lstat, open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { constants } from 'node:fs';
import { basename, join } from 'node:path';

/** The keys of [Release] that say where to look. */
export interface ReleaseSource {
  readonly path: string | undefined;
  /** Absolute, or relative to where `path` leads. */
  readonly trigger: string | undefined;
}

export interface Release {
  /**
   * The link's target's name, else the REVISION file's first line, else a digest; '-' without a Path= or with nothing
   * there. Once the trigger was touched, '@' and the time of that.
   */
  readonly id: string;
  readonly path: string | undefined;
  /** Where Path= leads; undefined when there is no Path= or nothing there. */
  readonly target: string | undefined;
}

export interface Sighting {
  readonly release: Release;
  /** Differs from look to look while the release is still being copied, as far as that can be seen from its top. */
  readonly mark: string;
}

export async function currentRelease(source: ReleaseSource): Promise<Release> {
  return (await lookAtRelease(source)).release;
}

export function isSameRelease(one: Release, other: Release): boolean {
  return one.id === other.id && one.target === other.target;
}

export async function lookAtRelease({ path, trigger }: ReleaseSource): Promise<Sighting> {
  const target = path === undefined ? undefined : await realpath(path).catch(() => undefined);
  const file = triggerPath(trigger, target);
  const touched = file === undefined ? undefined : await touchedAt(file);
  const { name, mark } = await nameOf(path, target, trigger !== undefined);
  const id = touched === undefined ? name : name === '-' ? touched : `${name}@${touched}`;
  return { release: { id, path, target }, mark: JSON.stringify([id, target, mark]) };
}

/** undefined for a relative trigger while nothing is deployed. */
export function triggerPath(trigger: string | undefined, target: string | undefined): string | undefined {
  if (trigger === undefined || trigger.startsWith('/')) return trigger;
  return target === undefined ? undefined : join(target, trigger);
}

interface Named {
  readonly name: string;
  readonly mark: string;
}

const nothing: Named = { name: '-', mark: '' };

async function nameOf(
  path: string | undefined,
  target: string | undefined,
  isTriggered: boolean,
): Promise<Named> {
  if (path === undefined || target === undefined) return nothing;
  // Either may have gone since realpath(3).
  const link = await lstat(path).catch(() => undefined);
  const directory = await lstat(target).catch(() => undefined);
  if (link === undefined || directory === undefined) return nothing;
  // The root has a path and no name.
  if (link.isSymbolicLink()) return { name: printable(basename(target) || target), mark: '' };
  const revision = await readRevision(target);
  // With a trigger the operator says when a release is deployed; else what is written at its top does.
  const changed = isTriggered ? [] : [directory.mtimeMs];
  const digest = createHash('sha256')
    .update([target, directory.ino, ...changed].join('\0'))
    .digest('hex')
    .slice(0, 12);
  return { name: printable(revision?.line ?? digest), mark: [...changed, revision?.mtimeMs].join() };
}

/** The first line of REVISION, as Capistrano writes it. The file is the deployer's: no link is followed, 4 KiB are read. */
async function readRevision(
  directory: string,
): Promise<{ readonly line: string; readonly mtimeMs: number } | undefined> {
  let file: FileHandle;
  try {
    file = await open(
      `${directory}/REVISION`,
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
  } catch {
    return undefined;
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) return undefined;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    const line = buffer.toString('utf8', 0, bytesRead).split('\n')[0]?.trim() ?? '';
    return line === '' ? undefined : { line, mtimeMs: found.mtimeMs };
  } finally {
    await file.close();
  }
}

/** The most that a Date holds; some file systems hold more. */
const longestMs = 8.64e15;

async function touchedAt(trigger: string): Promise<string | undefined> {
  const found = await stat(trigger).catch(() => undefined);
  if (found === undefined) return undefined;
  return new Date(Math.max(-longestMs, Math.min(longestMs, found.mtimeMs))).toISOString();
}

/** A release id is shown in tables and written to the journal: no control characters, no blanks, 64 characters. */
function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '_').slice(0, 64);
}
