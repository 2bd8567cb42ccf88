// What CRIU cannot dump, in an operator's words: what it is about, and what to do. Pure; the patterns are texts of
// criu/files-reg.c, criu/fsnotify.c and criu/cr-dump.c.

import { GrenadineError } from '../../generator/config/error.js';

interface Refusal {
  readonly pattern: RegExp;
  readonly code: string;
  readonly say: (path: string, number: string) => string;
}

const refusals: readonly Refusal[] = [
  {
    pattern: /Can't dump ghost file (.+?) of (\d+) size, increase limit/,
    code: 'ghost-too-large',
    say: (path, bytes) =>
      `${path} was deleted while it is open, and has ${bytes} bytes: more than GhostLimit= of [Snapshot]; raise that, or have the file closed before the snapshot is made`,
  },
  {
    pattern: /Can't create link remap for (.+?)\. Use link-remap option/,
    code: 'linked-elsewhere',
    say: (path) =>
      `${path} is open or mapped, was deleted, and has another name that CRIU does not look for, as a semaphore of sem_open(3) has; a file keeps the name that it was opened by, a semaphore is unlinked or has none`,
  },
  {
    pattern: /fsnotify: \s*Can't dump that handle/,
    code: 'watch-unknown',
    say: () =>
      'a file or directory is watched with inotify(7) on a file system where CRIU cannot find it again, an overlay for one; switch the watch off, or have what is watched on another file system',
  },
  {
    pattern: /Can't get rlimit \d+: Operation not permitted/,
    code: 'several-users',
    say: () =>
      'its processes run as several users, and CRIU reads the limits of all of them only with CAP_SYS_RESOURCE, which is missing here, as in some containers; grant that, or have all of them run as the user of the main process',
  },
];

/** The error of a dump; the one that says more where what CRIU says is known. */
export function explainDump(error: unknown): unknown {
  if (!(error instanceof GrenadineError) || error.code !== 'dump-failed') return error;
  for (const { pattern, code, say } of refusals) {
    const found = pattern.exec(error.message);
    if (found !== null)
      return new GrenadineError(code, say(found[1] ?? '', found[2] ?? ''), { cause: error });
  }
  return error;
}
