// chokidar: tells that something happened in one of a few directories, never what. The only file that knows it.

import { watch, type FSWatcher } from 'chokidar';
import { join } from 'node:path';

export interface Hint {
  readonly directory: string;
  /** undefined: the watch has just begun, and what happened before it was missed. */
  readonly name: string | undefined;
  /** Did the entry come, go, or get replaced? Else what it holds, or its times, changed. */
  readonly isEntry: boolean;
}

export interface Hints {
  /** From now on these directories are watched, and no others. One that is missing gives no hints. */
  readonly follow: (directories: readonly string[]) => void;
  readonly close: () => Promise<void>;
}

/**
 * INVARIANT: one inotify watch for each directory, whatever lies in it: everything below is ignored, and hints are
 * taken from the directory's own raw events, which come undelayed.
 */
export function openHints(hinted: (hint: Hint) => void, failed: (message: string) => void): Hints {
  const open = new Map<string, FSWatcher>();

  const begin = (directory: string): void => {
    const watcher = watch(directory, {
      depth: 0,
      ignored: (path) => path !== directory,
      ignoreInitial: true,
      followSymlinks: false,
    });
    open.set(directory, watcher);
    const isOpen = (): boolean => open.get(directory) === watcher;
    watcher.on('ready', () => {
      if (isOpen()) hinted({ directory, name: undefined, isEntry: true });
    });
    watcher.on('error', (error) => {
      failed(`'${directory}/' cannot be watched: ${String(error)}`);
    });
    watcher.on('raw', (event, name) => {
      if (!isOpen()) return;
      if (event === 'rename') beginAgainBelow(join(directory, name));
      hinted({ directory, name, isEntry: event === 'rename' });
    });
  };

  const end = async (directory: string): Promise<void> => {
    const watcher = open.get(directory);
    open.delete(directory);
    await watcher?.close();
  };

  /** inotify(7) watches the directory that had a name, not the one that has it now. */
  const beginAgainBelow = (path: string): void => {
    for (const directory of [...open.keys()]) {
      if (directory !== path && !directory.startsWith(`${path}/`)) continue;
      void end(directory);
      begin(directory);
    }
  };

  return {
    follow: (directories) => {
      const wanted = new Set(directories);
      for (const directory of [...open.keys()]) if (!wanted.has(directory)) void end(directory);
      for (const directory of wanted) if (!open.has(directory)) begin(directory);
    },
    close: async () => {
      await Promise.all([...open.keys()].map(end));
    },
  };
}
