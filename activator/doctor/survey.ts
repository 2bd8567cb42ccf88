// What a dumped process tree holds, thing by thing, and how a snapshot deals with each. Pure: images that are not yet
// edited in, findings out. Sockets are in survey-sockets.ts, files in survey-files.ts.

import type { UnnamedSockets } from '../images/foreign-socket.js';
import type { ImageFile } from '../images/image-file.js';
import { inspectDump, type DumpImages } from '../images/inspect.js';
import {
  core,
  fdType,
  fileEntry,
  inotifyFile,
  seccompEntry,
  taskCore,
  taskTimers,
} from '../images/schema.js';
import { getMessage, getMessages, getUint } from '../images/wire.js';
import { counted, held, type Finding } from './finding.js';
import { surveyFiles } from './survey-files.js';
import { surveySockets, type Listening } from './survey-sockets.js';

/** What a dump left, beside the images that every bake reads. Those are missing that would be empty. */
export interface SurveyImages extends DumpImages {
  readonly remaps: ImageFile | undefined;
  readonly locks: ImageFile | undefined;
  readonly seccomp: ImageFile | undefined;
}

export interface SurveyContext {
  /** What was passed to it, and for which ListenStream= each stands. */
  readonly listening: readonly Listening[];
  /** What else it has bound. */
  readonly unnamed: UnnamedSockets;
  readonly ghostLimitBytes: number;
}

export function survey(images: SurveyImages, context: SurveyContext): readonly Finding[] {
  return [
    ...processes(images),
    ...surveySockets(images.files, context.listening, context.unnamed),
    ...surveyFiles(images, context.ghostLimitBytes),
    ...watches(images.files),
    ...simple(images),
  ];
}

function processes(images: SurveyImages): readonly Finding[] {
  return inspectDump(images).processes.map(({ pid, comm, threads }) =>
    held('process', `${pid} ${comm}, ${counted(threads, 'thread')}`, 'restored under its number'),
  );
}

function watches(files: ImageFile): readonly Finding[] {
  return files.entries.flatMap((entry) => {
    const inotify = getMessage(entry, fileEntry.ify);
    if (inotify === undefined) return [];
    const count = getMessages(inotify, inotifyFile.wd).length;
    return [
      held(
        'inotify',
        `${count} watch${count === 1 ? '' : 'es'}`,
        'restored; what changed since the dump is not told',
      ),
    ];
  });
}

/** What only needs to be counted. */
function simple({ files, cores, locks, seccomp }: SurveyImages): readonly Finding[] {
  const ofType = (type: number): number =>
    files.entries.filter((entry) => getUint(entry, fileEntry.type) === type).length;
  const timers = [...cores.values()]
    .flatMap(({ entries }) => entries)
    .flatMap((entry) => {
      const task = getMessage(entry, core.tc);
      const all = task === undefined ? undefined : getMessage(task, taskCore.timers);
      return all === undefined ? [] : getMessages(all, taskTimers.posix);
    }).length;
  const filters = (seccomp?.entries ?? []).flatMap((entry) =>
    getMessages(entry, seccompEntry.filters),
  ).length;
  const rows: readonly (readonly [string, number, string])[] = [
    ['timer', timers + ofType(fdType.TIMERFD), 'goes on where it was at the dump'],
    ['lock', locks?.entries.length ?? 0, 'taken again; a restore fails where somebody else holds it'],
    ['epoll', ofType(fdType.EVENTPOLL), 'restored'],
    ['eventfd', ofType(fdType.EVENTFD), 'restored'],
    ['signalfd', ofType(fdType.SIGNALFD), 'restored'],
    ['pipe', ofType(fdType.PIPE), 'restored with what is in it; output goes to the journal'],
    ['FIFO', ofType(fdType.FIFO), 'restored with what is in it'],
    ['memfd', ofType(fdType.MEMFD), 'restored with its content'],
    ['pidfd', ofType(fdType.PIDFD), 'restored'],
    ['terminal', ofType(fdType.TTY), 'restored'],
    ['fanotify', ofType(fdType.FANOTIFY), 'restored'],
    ['seccomp filter', filters, 'restored; one is ours, which refuses io_uring'],
  ];
  return rows.flatMap(([holds, count, handling]) => (count === 0 ? [] : [held(holds, `${count}`, handling)]));
}
