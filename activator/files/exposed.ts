// Which files lie where somebody but root may put another in their place, or a link to anywhere: judged by who may write
// to each directory on the way, as it is on the host.

import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What lstat(2) says of one entry of a directory. */
export interface EntryFacts {
  readonly uid: number;
  readonly mode: number;
  readonly mtimeSec: number;
}

const ownerIsRoot = ({ uid }: EntryFacts): boolean => uid === 0;
const writableByOthers = 0o022;
const sticky = 0o1000;

/**
 * May somebody but root replace `entry` of `directory`? What is not there can be made by whoever may write, and what is
 * not there at all, where only root may write, was seen in another tree than this. ACLs show in the group's bits.
 */
export function isReplaceable(directory: EntryFacts | undefined, entry: EntryFacts | undefined): boolean {
  if (directory === undefined || entry === undefined) return true;
  if (!ownerIsRoot(directory)) return true;
  if ((directory.mode & writableByOthers) === 0) return false;
  return (directory.mode & sticky) === 0 || !ownerIsRoot(entry);
}

/**
 * Nobody but root puts anything into these: procfs, which each cell mounts anew, sysfs, and devices, of which the daemon
 * sees only a part (PrivateDevices=).
 */
function isKernels(path: string): boolean {
  return /^\/(?:proc|sys|dev(?!\/(?:shm|mqueue)\/))\//.test(path);
}

export interface ExposedFile {
  /** undefined: there is no such file. */
  readonly mtimeSec: number | undefined;
}

/** Those of `paths`, which are absolute, that are exposed, by path. */
export async function findExposed(paths: readonly string[]): Promise<ReadonlyMap<string, ExposedFile>> {
  const seen = new Map<string, Promise<EntryFacts | undefined>>();
  const look = (path: string): Promise<EntryFacts | undefined> => {
    const known = seen.get(path) ?? lookAt(path);
    seen.set(path, known);
    return known;
  };
  const isExposed = async (path: string): Promise<boolean> => {
    if (path === '/') return false;
    const above = dirname(path);
    const directory = await realpath(above).catch(() => undefined);
    // A link that only root may replace is judged with where it leads to.
    if (directory === undefined || (await isExposed(above))) return true;
    if (directory !== above) return isExposed(join(directory, basename(path)));
    if (isReplaceable(await look(directory), await look(path))) return true;
    const target = await realpath(path).catch(() => path);
    return target !== path && (await isExposed(target));
  };
  const exposed = new Map<string, ExposedFile>();
  for (const path of new Set(paths)) {
    if (isKernels(path) || !(await isExposed(path))) continue;
    exposed.set(path, { mtimeSec: (await look(path))?.mtimeSec });
  }
  return exposed;
}

async function lookAt(path: string): Promise<EntryFacts | undefined> {
  try {
    const { uid, mode, mtimeMs } = await lstat(path);
    return { uid, mode, mtimeSec: Math.floor(mtimeMs / 1000) };
  } catch {
    return undefined;
  }
}
