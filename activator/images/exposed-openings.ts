// What the launcher has to open of the exposed files of a dump, with whose rights and how. Pure; exposed-files.ts edits the
// images accordingly.

import { constants } from 'node:fs';
import { GrenadineError } from '../../generator/config/error.js';
import type { ExposedFile } from '../files/exposed.js';
import type { PlanFile } from '../store/plan.js';
import type { FileUse, FileUser } from './file-uses.js';
import type { ImageFile } from './image-file.js';
import { fileEntry, regFile } from './schema.js';
import { getMessage, getText, getUint, getUint64, getUints, type Message } from './wire.js';

/** PLAN_FILES_MAX and PLAN_PATHS_SIZE_MAX in native/bounds.h. */
const limits = { files: 512, pathBytes: 32_768 };

const O_PATH = 0o10000000;
/** PLAN_FILE_FLAGS in native/plan.h. What a description keeps beside them is not for open(2). */
export const openFlags =
  constants.O_RDONLY |
  constants.O_WRONLY |
  constants.O_RDWR |
  constants.O_APPEND |
  constants.O_NONBLOCK |
  constants.O_DSYNC |
  constants.O_SYNC |
  constants.O_DIRECT |
  constants.O_DIRECTORY |
  constants.O_NOFOLLOW |
  constants.O_NOATIME |
  O_PATH;

/** criu/files-reg.c: of a file without a position. */
const noPosition = 2n ** 64n - 1n;

/** A record of files.img with a path. */
export interface PathRecord {
  readonly id: number;
  readonly path: string;
  readonly message: Message;
}

/** One file to be opened, for a record of files.img: the one that was there, or one more for other flags. */
export interface Opening {
  readonly record: PathRecord;
  readonly isOriginal: boolean;
  readonly file: PlanFile;
}

/** By user, so that the launcher changes its rights as seldom as can be. */
export function openingsOf(
  records: readonly PathRecord[],
  uses: readonly FileUse[],
  exposed: ReadonlyMap<string, ExposedFile>,
): readonly Opening[] {
  const openings = records
    .flatMap((record) => openingsOfOne(record, uses, exposed.get(record.path)))
    .sort((one, other) => userKey(one.file.user).localeCompare(userKey(other.file.user)));
  mustFit(openings);
  return openings;
}

export function recordsOf(files: ImageFile): readonly PathRecord[] {
  return files.entries.flatMap((entry) => {
    const message = getMessage(entry, fileEntry.reg);
    const path = message === undefined ? undefined : getText(message, regFile.name);
    if (message === undefined || path === undefined || getUint(message, regFile.ext) === 1) return [];
    return [{ id: getUint(message, regFile.id) ?? -1, path, message }];
  });
}

/** CRIU asks by record, so a file that is mapped as it was opened otherwise needs another. */
function openingsOfOne(
  record: PathRecord,
  allUses: readonly FileUse[],
  found: ExposedFile | undefined,
): readonly Opening[] {
  const uses = allUses.filter(({ id }) => id === record.id);
  if (uses.length === 0) return [];
  const user = onlyUser(uses, record.path);
  const mapped = uses.filter(({ kind }) => kind === 'mapping').map(({ flags }) => flags & openFlags);
  const own = ownFlags(record, uses);
  const all = [...new Set([...(own === undefined ? [] : [own]), ...mapped])];
  return all.map((flags, at) => ({
    record,
    isOriginal: at === 0,
    file: { path: record.path, user, flags, ...expectation(record.message, found) },
  }));
}

/** The flags of what finds the record by its own id; undefined when only mappings do. */
function ownFlags({ message, path }: PathRecord, uses: readonly FileUse[]): number | undefined {
  const kinds = new Set(uses.map(({ kind }) => kind));
  const type = (getUint(message, regFile.mode) ?? constants.S_IFREG) & constants.S_IFMT;
  const isDirectory = type === constants.S_IFDIR;
  if (kinds.has('fifo') || (!isDirectory && type !== constants.S_IFREG))
    throw new GrenadineError(
      'file-exposed',
      `${path} is a FIFO or a device in a directory where others than root may replace it, and CRIU opens it as root; have it in a directory that is root's`,
    );
  const recorded =
    ((getUint(message, regFile.flags) ?? 0) & openFlags) | (isDirectory ? constants.O_DIRECTORY : 0);
  if (kinds.has('descriptor')) return recorded;
  if (kinds.has('executable')) return constants.O_RDONLY;
  // fchdir(2) asks for no more, and a directory that one may only search can be the working one.
  return kinds.has('directory') ? O_PATH | constants.O_DIRECTORY : undefined;
}

/** Where a process of root's shares the file with those of a user, the user's rights must do. */
function onlyUser(uses: readonly FileUse[], path: string): FileUser {
  const users = new Map(uses.map(({ user }) => [userKey(user), user]));
  const others = [...users.values()].filter(({ uid }) => uid !== 0);
  const user = others[0] ?? [...users.values()][0];
  if (user === undefined || others.length > 1)
    throw new GrenadineError(
      'file-exposed',
      `${path} is held by processes of several users, in a directory where others than root may replace it; have it in a directory that is root's`,
    );
  return user;
}

function userKey({ uid, gid, groups }: FileUser): string {
  return `${uid} ${gid} ${groups.join()}`;
}

function expectation(
  message: Message,
  found: ExposedFile | undefined,
): Pick<PlanFile, 'position' | 'size' | 'mtimeSec'> {
  const position = getUint64(message, regFile.pos) ?? 0n;
  return {
    position: position === noPosition ? 0 : Number(position),
    size: getUint(message, regFile.size),
    // CRIU would look at the build-id here.
    mtimeSec: getUints(message, regFile.build_id).length === 0 ? undefined : found?.mtimeSec,
  };
}

function mustFit(openings: readonly Opening[]): void {
  const bytes = openings.reduce((sum, { record }) => sum + Buffer.byteLength(record.path) + 1, 0);
  if (openings.length <= limits.files && bytes <= limits.pathBytes) return;
  throw new GrenadineError(
    'too-many-files',
    `${openings.length} files, as ${openings[0]?.record.path ?? ''}, lie in directories where others than root may replace them; ${limits.files}, with paths of ${limits.pathBytes} bytes, can be opened with their user's rights: have programs and libraries in directories that are root's`,
  );
}
