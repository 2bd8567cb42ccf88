// The snapshot store as the rest of the activator sees it: one value, bound to a root. The work is in its neighbours.

import { join } from 'node:path';
import type { Manifest } from './manifest.js';
import { linkMemory } from './memory-files.js';
import { beginBake, discard, publish } from './publish.js';
import { forget, quarantine, remove, sweep } from './retention.js';
import {
  choose,
  chosenSnapshot,
  listSnapshots,
  unchoose,
  type Choice,
  type Inventory,
  type StoredSnapshot,
} from './stored-snapshots.js';
import { verifySnapshot } from './verify-snapshot.js';

export type { DamagedSnapshot, StoredSnapshot } from './stored-snapshots.js';

export interface Store {
  /** The snapshots that can be read, newest first. */
  readonly list: (name: string) => Promise<readonly StoredSnapshot[]>;
  /** Those, and those that never serve. */
  readonly inventory: (name: string) => Promise<Inventory>;
  /** What is wrong with its files, a text for each; `hashed` is told how many bytes more were read. */
  readonly verify: (
    name: string,
    snapshot: StoredSnapshot,
    hashed: (bytes: number) => void,
  ) => Promise<readonly string[]>;
  readonly chosen: (name: string, choice: Choice) => Promise<string | undefined>;
  /** A fresh private folder with an empty `criu/` in it. */
  readonly beginBake: (name: string) => Promise<string>;
  /** Has a draft's criu/ hold these files of earlier snapshots' memory, too. */
  readonly linkMemory: (name: string, draft: string, files: readonly string[]) => Promise<void>;
  /** Publishes a folder that beginBake made and makes it current; the id follows from the manifest. */
  readonly publish: (name: string, draft: string, manifest: Manifest) => Promise<string>;
  readonly discard: (draft: string) => Promise<void>;
  readonly choose: (name: string, choice: Choice, id: string) => Promise<void>;
  readonly unchoose: (name: string, choice: Choice) => Promise<void>;
  readonly quarantine: (name: string, id: string, why: string) => Promise<void>;
  /** Unlinks it, and takes it out of `current` and `pin` first. */
  readonly remove: (name: string, id: string) => Promise<void>;
  /** Removes all that is stored of an application that is no more. */
  readonly forget: (name: string) => Promise<void>;
  readonly sweep: () => Promise<readonly string[]>;
}

/** `root` is '/' but in tests. */
export function openStore(root: string): Store {
  const home = join(root, 'var/lib/grenadine');
  return {
    list: async (name) => (await listSnapshots(home, name)).whole,
    inventory: (name) => listSnapshots(home, name),
    verify: (name, snapshot, hashed) => verifySnapshot(home, name, snapshot, hashed),
    chosen: (name, choice) => chosenSnapshot(home, name, choice),
    beginBake: (name) => beginBake(home, name),
    linkMemory: (name, draft, files) => linkMemory(home, name, draft, files),
    publish: (name, draft, manifest) => publish(home, name, draft, manifest),
    discard: (draft) => discard(home, draft),
    choose: (name, choice, id) => choose(home, name, choice, id),
    unchoose: (name, choice) => unchoose(home, name, choice),
    quarantine: (name, id, why) => quarantine(home, name, id, why),
    remove: (name, id) => remove(home, name, id),
    forget: (name) => forget(home, name),
    sweep: () => sweep(home),
  };
}
