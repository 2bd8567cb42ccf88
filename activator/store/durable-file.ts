// Writes that survive a power cut: bytes reach the disk before the name that shows them does. Decides nothing.

import { constants } from 'node:fs';
import { open, rename, symlink, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a new file of mode 0600 and waits until it is on disk; a name that exists, a link too, is an error. */
async function createFile(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(
    path,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  );
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What `path` is called until it is complete; left by who was interrupted in between. */
export function freshName(path: string): string {
  return `${path}.new`;
}

/** Replaces `path` whole: a reader sees the old bytes or the new ones. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const fresh = freshName(path);
  await unlinkIfThere(fresh);
  await createFile(fresh, content);
  await rename(fresh, path);
}

/** Makes `path` a symbolic link to `target` in one step, whatever link it was before. */
export async function replaceLink(path: string, target: string): Promise<void> {
  const fresh = freshName(path);
  await unlinkIfThere(fresh);
  await symlink(target, fresh);
  await rename(fresh, path);
  await syncPath(dirname(path));
}

/** fsync(2) of a file or a directory; O_NOFOLLOW, so that a link is an error. */
export async function syncPath(path: string): Promise<void> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

export async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
