// What the plan and the manifest say of a dump: its processes, its pipes and its files. Pure reading of decoded images.

import { GrenadineError } from '../../generator/config/error.js';
import { regularFiles, type RegularFile } from './file-records.js';
import type { ImageFile } from './image-file.js';
import { areasOf, isUninherited } from './memory-areas.js';
import { memoryFileName } from '../store/memory-file.js';
import { core, fdinfoEntry, fdType, fileEntry, pipe, pstree, taskCore, taskIds } from './schema.js';
import { getMessage, getText, getUint, getUints, type Message } from './wire.js';

interface DumpedProcess {
  readonly pid: number;
  readonly parent: number;
  readonly comm: string;
  readonly threads: number;
}

/** One file that the restored processes open or map again. */
interface DumpedFile {
  readonly path: string;
  /** `code`: mapped private, or the executable; `shared`: mapped shared; else how it is open. */
  readonly use: 'code' | 'shared' | 'written' | 'read';
  readonly size: number | undefined;
  readonly buildId: string | undefined;
  /** A file shorter than this must not be restored upon. */
  readonly mappedEnd: number | undefined;
}

export interface DumpFacts {
  readonly rootPid: number;
  /** The largest number among pids, threads, process groups and sessions: criu itself must stay above it. */
  readonly maxPid: number;
  readonly processes: readonly DumpedProcess[];
  /** Inodes of the pipes on the root process's descriptors 1 and 2: what `--inherit-fd fd[N]:pipe:[INODE]` names. */
  readonly stdout: number | undefined;
  readonly stderr: number | undefined;
  /** Inodes of all pipes that any process holds. */
  readonly pipes: readonly number[];
  readonly files: readonly DumpedFile[];
  /** Files with code of the processes; each executable of a process is one of them. */
  readonly code: readonly CodeFile[];
  /** Some of the memory is kept from children. */
  readonly hasUninherited: boolean;
  /** Files of an earlier snapshot that memory is mapped from, by their names in its criu/. */
  readonly memoryFiles: readonly string[];
}

interface CodeFile {
  readonly path: string;
  readonly isExecutable: boolean;
}

export interface DumpImages {
  readonly files: ImageFile;
  readonly fdinfos: ReadonlyMap<string, ImageFile>;
  readonly mms: readonly ImageFile[];
  readonly pstree: ImageFile;
  /** core-PID.img and ids-PID.img by file name. */
  readonly cores: ReadonlyMap<string, ImageFile>;
  readonly ids: ReadonlyMap<string, ImageFile>;
}

export function inspectDump(images: DumpImages): DumpFacts {
  const root = images.pstree.entries[0];
  if (root === undefined) throw new GrenadineError('image-incomplete', 'pstree.img has no process');
  const rootPid = getUint(root, pstree.pid) ?? 0;
  const pipes = pipesById(images.files);
  const records = regularFiles(images.files, images.mms);
  const others = records.filter(({ path }) => memoryFileName(path) === undefined);
  const stdio = (fd: number): number | undefined => pipeOf(rootDescriptors(images, rootPid), fd, pipes);
  return {
    rootPid,
    maxPid: Math.max(...images.pstree.entries.flatMap(numbersOf)),
    processes: images.pstree.entries.map((entry) => dumpedProcess(entry, images.cores)),
    stdout: stdio(1),
    stderr: stdio(2),
    pipes: [...new Set(pipes.values())],
    files: dumpedFiles(others),
    code: codeFiles(others),
    hasUninherited: images.mms.some(({ entries }) => entries.flatMap(areasOf).some(isUninherited)),
    memoryFiles: [...new Set(records.flatMap(({ path }) => memoryFileName(path) ?? []))],
  };
}

/** The first thread is the process itself, and nothing sets it for a zombie: criu/pstree.c reads it as little as we do. */
function numbersOf(entry: Message): readonly number[] {
  const own = [pstree.pid, pstree.pgid, pstree.sid].flatMap((field) => getUints(entry, field));
  return [...own, ...getUints(entry, pstree.threads).slice(1)];
}

function dumpedProcess(entry: Message, cores: ReadonlyMap<string, ImageFile>): DumpedProcess {
  const pid = getUint(entry, pstree.pid) ?? 0;
  const first = cores.get(`core-${pid}.img`)?.entries[0];
  const task = first === undefined ? undefined : getMessage(first, core.tc);
  return {
    pid,
    parent: getUint(entry, pstree.ppid) ?? 0,
    comm: task === undefined ? '' : (getText(task, taskCore.comm) ?? ''),
    threads: getUints(entry, pstree.threads).length,
  };
}

/** A process's descriptors are in fdinfo-N.img, where N is the files_id of its ids image, or of its core in some versions. */
function rootDescriptors(images: DumpImages, pid: number): readonly Message[] {
  const own = images.ids.get(`ids-${pid}.img`)?.entries[0];
  const main = images.cores.get(`core-${pid}.img`)?.entries[0];
  const ids = own ?? (main === undefined ? undefined : getMessage(main, core.ids));
  const table = ids === undefined ? undefined : getUint(ids, taskIds.files_id);
  return images.fdinfos.get(`fdinfo-${table ?? 0}.img`)?.entries ?? [];
}

/** pipe_id is the inode, as stat(2) gives it: pipe_id in criu/include/pipes.h. */
function pipesById(files: ImageFile): ReadonlyMap<number, number> {
  return new Map(
    files.entries.flatMap((entry) => {
      const record = getMessage(entry, fileEntry.pipe);
      return record === undefined
        ? []
        : [[getUint(record, pipe.id) ?? 0, getUint(record, pipe.pipe_id) ?? 0] as const];
    }),
  );
}

function pipeOf(
  descriptors: readonly Message[],
  fd: number,
  pipes: ReadonlyMap<number, number>,
): number | undefined {
  const entry = descriptors.find((candidate) => getUint(candidate, fdinfoEntry.fd) === fd);
  if (entry === undefined || getUint(entry, fdinfoEntry.type) !== fdType.PIPE) return undefined;
  return pipes.get(getUint(entry, fdinfoEntry.id) ?? -1);
}

/** Each file once, under its strictest use. */
function dumpedFiles(records: readonly RegularFile[]): readonly DumpedFile[] {
  const order: readonly DumpedFile['use'][] = ['code', 'shared', 'written', 'read'];
  const byPath = new Map<string, DumpedFile>();
  for (const file of records) {
    const use =
      file.mapping === 'private'
        ? 'code'
        : file.mapping === 'shared'
          ? 'shared'
          : file.isWritten
            ? 'written'
            : 'read';
    const known = byPath.get(file.path);
    if (known !== undefined && order.indexOf(known.use) <= order.indexOf(use)) continue;
    byPath.set(file.path, {
      path: file.path,
      use,
      size: file.size,
      buildId: file.buildId,
      mappedEnd: file.mappedEnd === 0 ? undefined : file.mappedEnd,
    });
  }
  return [...byPath.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

function codeFiles(records: readonly RegularFile[]): readonly CodeFile[] {
  const byPath = new Map<string, CodeFile>();
  for (const { path, isCode, isExecutable } of records) {
    if (!isCode) continue;
    byPath.set(path, { path, isExecutable: isExecutable || byPath.get(path)?.isExecutable === true });
  }
  return [...byPath.values()];
}
