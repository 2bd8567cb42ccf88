// Names the release that `[Release] Path=` points to now. Looks once; does not watch.

import { createHash } from 'node:crypto';
import { lstat, open, realpath, type FileHandle } from 'node:fs/promises';
import { constants } from 'node:fs';
import { basename } from 'node:path';

export interface Release {
  /** The link's target's name, else the REVISION file's first line, else a digest; '-' without a Path=. */
  readonly id: string;
  readonly path: string | undefined;
  /** Where Path= leads; undefined when there is no Path= or nothing there. */
  readonly target: string | undefined;
}

export async function currentRelease(path: string | undefined): Promise<Release> {
  if (path === undefined) return { id: '-', path, target: undefined };
  const target = await realpath(path).catch(() => undefined);
  if (target === undefined) return { id: '-', path, target };
  const isLink = (await lstat(path)).isSymbolicLink();
  return {
    id: printable(isLink ? basename(target) : ((await revision(target)) ?? (await digest(target)))),
    path,
    target,
  };
}

/** The first line of REVISION, as Capistrano writes it. The file is the deployer's: no link is followed, 4 KiB are read. */
async function revision(directory: string): Promise<string | undefined> {
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
    if (!(await file.stat()).isFile()) return undefined;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    const line = buffer.toString('utf8', 0, bytesRead).split('\n')[0]?.trim() ?? '';
    return line === '' ? undefined : line;
  } finally {
    await file.close();
  }
}

async function digest(directory: string): Promise<string> {
  const { ino, mtimeMs } = await lstat(directory);
  return createHash('sha256').update(`${directory}\0${ino}\0${mtimeMs}`).digest('hex').slice(0, 12);
}

/** A release id is shown in tables and written to the journal: no control characters, no blanks, 64 characters. */
function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '_').slice(0, 64);
}
