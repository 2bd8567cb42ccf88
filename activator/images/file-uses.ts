// Who uses which record of files.img, for what, and with whose rights: descriptors, mappings, executables, working and
// root directories. Pure reading; exposed-files.ts decides what follows.

import { GrenadineError } from '../../generator/config/error.js';
import type { ImageFile } from './image-file.js';
import {
  core,
  creds,
  fdinfoEntry,
  fdType,
  fifo,
  fileEntry,
  fsEntry,
  mm,
  threadCore,
  vma,
  vmaStatus,
} from './schema.js';
import { getMessage, getMessages, getUint, getUints, type Message } from './wire.js';

/** Whose rights decide what a process may open. */
export interface FileUser {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

export interface FileUse {
  /** Of a record of files.img. */
  readonly id: number;
  readonly kind: 'descriptor' | 'fifo' | 'mapping' | 'executable' | 'directory';
  /** Of the mapping; 0 for all else. */
  readonly flags: number;
  readonly user: FileUser;
}

/** The images of one process. */
export interface ProcessImages {
  readonly pid: number;
  readonly core: ImageFile;
  readonly descriptors: ImageFile | undefined;
  /** A zombie has none. */
  readonly memory: ImageFile | undefined;
  readonly fs: ImageFile | undefined;
}

export function fileUses(files: ImageFile, processes: readonly ProcessImages[]): readonly FileUse[] {
  const fifos = fifoRecords(files);
  return processes.flatMap((process) => {
    const user = userOf(process);
    const memory = process.memory?.entries ?? [];
    const use = (kind: FileUse['kind'], id: number | undefined, flags = 0): readonly FileUse[] =>
      id === undefined ? [] : [{ id, kind, flags, user }];
    return [
      ...(process.descriptors?.entries ?? []).flatMap((entry) => {
        const type = getUint(entry, fdinfoEntry.type);
        const id = getUint(entry, fdinfoEntry.id) ?? -1;
        if (type === fdType.REG) return use('descriptor', id);
        return type === fdType.FIFO ? use('fifo', fifos.get(id)) : [];
      }),
      ...memory.flatMap((entry) => use('executable', getUint(entry, mm.exe_file_id))),
      ...memory
        .flatMap((entry) => getMessages(entry, mm.vmas))
        .filter(mapsFile)
        .flatMap((area) => use('mapping', getUint(area, vma.shmid), getUint(area, vma.fdflags))),
      ...(process.fs?.entries ?? []).flatMap((entry) =>
        [fsEntry.cwd_id, fsEntry.root_id].flatMap((field) => use('directory', getUint(entry, field))),
      ),
    ];
  });
}

export function mapsFile(area: Message): boolean {
  const status = getUint(area, vma.status) ?? 0;
  return (
    (status & (vmaStatus.FILE_PRIVATE | vmaStatus.FILE_SHARED)) !== 0 && (status & vmaStatus.AREA_MEMFD) === 0
  );
}

/** The record with the path of each FIFO, by the id that descriptors name. */
function fifoRecords(files: ImageFile): ReadonlyMap<number, number> {
  return new Map(
    files.entries.flatMap((entry) => {
      const record = getMessage(entry, fileEntry.fifo);
      const id = getUint(entry, fileEntry.id) ?? -1;
      return record === undefined ? [] : [[id, getUint(record, fifo.regf_id) ?? id] as const];
    }),
  );
}

function userOf({ pid, core: image }: ProcessImages): FileUser {
  const thread = image.entries[0] === undefined ? undefined : getMessage(image.entries[0], core.thread_core);
  const rights = thread === undefined ? undefined : getMessage(thread, threadCore.creds);
  // A zombie holds nothing, so nobody asks for its rights.
  if (rights === undefined) return { uid: 0, gid: 0, groups: [] };
  // Whoever executes a set-user-ID program has the rights of its owner while it runs, and no right to have them here.
  const beganAsUser = (getUint(rights, creds.uid) ?? 0) !== 0;
  const uid = getUint(rights, beganAsUser ? creds.uid : creds.fsuid);
  const gid = getUint(rights, beganAsUser ? creds.gid : creds.fsgid);
  if (uid === undefined || gid === undefined)
    throw new GrenadineError('image-incomplete', `core-${pid}.img does not say whose process it is`);
  return { uid, gid, groups: getUints(rights, creds.groups) };
}
