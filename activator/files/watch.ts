// Watches the files that the snapshots of every application depend on: looks whenever there is a hint, tells at once what
// was seen, and when it has rested for a moment, that it counts. Decides nothing about bakes.

import { basename } from 'node:path';
import type { SerialQueue } from '../bake/serial-queue.js';
import type { Later } from '../later.js';
import { openHints, type Hint } from '../release/hints.js';
import { nextSettleOf, settleDueMs, type SettleState } from '../release/settle.js';
import type { ChangedFiles } from './changes.js';
import { lookAtFiles, type FileSighting } from './look.js';
import {
  compare,
  countedOf,
  filesOf,
  newlyStale,
  restMs,
  type MappingSnapshot,
  type UpgradeSighting,
} from './unrest.js';

export interface FileWatchTools {
  readonly nowMs: () => number;
  readonly later: Later;
  /** One look after the other, so that the last one is about the latest state. */
  readonly queue: SerialQueue;
  readonly warn: (message: string) => void;
  /** What was found at a look; an upgrade may be half done. */
  readonly seen: (name: string, changed: ChangedFiles) => void;
  /** What was seen counts now; `stale` are the snapshots that were whole before, perhaps none. */
  readonly settled: (name: string, stale: readonly string[]) => void;
}

export interface FileWatch {
  /** Looks at the files of the snapshots of an application, and watches those from now on. The first look counts at once. */
  readonly look: (name: string, snapshots: readonly MappingSnapshot[]) => Promise<void>;
  /** false while something was seen that does not count yet. */
  readonly isSettled: (name: string) => boolean;
  /** Something else is new: an upgrade that is under way need not rest longer than the first. */
  readonly hurry: (name: string) => void;
  /** Forgets all other applications. */
  readonly keep: (names: readonly string[]) => void;
  readonly close: () => Promise<void>;
}

interface Subject {
  readonly snapshots: readonly MappingSnapshot[];
  readonly state: SettleState<UpgradeSighting> | undefined;
  /** Names of interest, by directory. */
  readonly places: ReadonlyMap<string, ReadonlySet<string>>;
  readonly upgradesMs: readonly number[];
  /** Takes the timer of the next look back. */
  readonly forget: () => void;
}

/** A file system that did not answer is asked again so much later: nothing hints at its return. */
const blindMs = 10_000;
/** Hints come in swarms. */
const gatherMs = 200;
/** An application that maps files of more directories is looked at as any, but not told of a change in the others. */
const mostDirectories = 2000;

export function openFileWatch(tools: FileWatchTools): FileWatch {
  const { nowMs, later, queue } = tools;
  const subjects = new Map<string, Subject>();
  const hinted = new Set<string>();
  let hasWarned = false;

  const hints = openHints(
    (hint) => {
      for (const [name, { places }] of subjects) if (isAbout(hint, places)) lookSoon(name);
    },
    (message) => {
      // One word for all: where the watches ran out, there are hundreds of directories.
      if (hasWarned) return;
      hasWarned = true;
      tools.warn(
        `${message}, ignoring: a file that is replaced there is noticed at the next start, reload or bake`,
      );
    },
  );

  const lookSoon = (name: string): void => {
    if (hinted.size === 0) later(gatherMs, lookAtHinted);
    hinted.add(name);
  };

  const lookAtHinted = (): void => {
    const names = [...hinted];
    hinted.clear();
    queue
      .add(() => lookAt(names))
      .catch((error: unknown) => {
        tools.warn(`The files of snapshots could not be looked at: ${String(error)}, ignoring`);
      });
  };

  const lookAt = async (names: readonly string[]): Promise<void> => {
    const files = names.flatMap((name) => filesOf(subjects.get(name)?.snapshots ?? []));
    const found = await lookAtFiles(files);
    for (const name of names) takeIn(name, found);
    follow();
  };

  const takeIn = (name: string, found: ReadonlyMap<string, FileSighting>): void => {
    const subject = subjects.get(name);
    if (subject === undefined) return;
    const { snapshots, state: before, upgradesMs } = subject;
    const isBlind = filesOf(snapshots).some(({ path }) => found.get(path)?.isUnknown === true);
    // What was seen last holds until more is known. What was never seen is not vouched for.
    if (isBlind && before !== undefined) {
      subject.forget();
      subjects.set(name, { ...subject, forget: lookAfter(name, blindMs) });
      return;
    }
    const sighting = compare(snapshots, (path) => found.get(path)?.facts);
    const pauseMs = restMs(upgradesMs, nowMs());
    const state: SettleState<UpgradeSighting> =
      before === undefined
        ? { kind: 'settled', sighting }
        : nextSettleOf(before, sighting, nowMs(), pauseMs, (one, other) => one.mark === other.mark);
    const hasSettled = before?.kind === 'moving' && state.kind === 'settled';
    const stale = hasSettled ? newlyStale(countedOf(before), sighting) : [];
    subject.forget();
    const dueMs = settleDueMs(state, pauseMs);
    subjects.set(name, {
      snapshots,
      state,
      places: placesOf(filesOf(snapshots), found),
      upgradesMs: stale.length === 0 ? upgradesMs : [...upgradesMs, nowMs()].slice(-8),
      forget: dueMs === undefined ? () => undefined : lookAfter(name, dueMs - nowMs()),
    });
    tools.seen(name, sighting.changed);
    if (hasSettled) tools.settled(name, stale);
  };

  /** One ms more: a timer may fire a little early, and would then be for nothing. */
  const lookAfter = (name: string, ms: number): (() => void) =>
    later(Math.max(1, Math.ceil(ms) + 1), () => {
      lookSoon(name);
    });

  const follow = (): void => {
    const directories = new Set([...subjects.values()].flatMap(({ places }) => [...places.keys()]));
    hints.follow([...directories].slice(0, mostDirectories));
  };

  return {
    look: (name, snapshots) =>
      queue.add(async () => {
        const known = subjects.get(name) ?? unknown;
        subjects.set(name, { ...known, snapshots });
        await lookAt([name]);
      }),
    isSettled: (name) => subjects.get(name)?.state?.kind !== 'moving',
    hurry: (name) => {
      const subject = subjects.get(name);
      if (subject === undefined || subject.upgradesMs.length === 0) return;
      subjects.set(name, { ...subject, upgradesMs: [] });
      if (subject.state?.kind === 'moving') lookSoon(name);
    },
    keep: (names) => {
      for (const [name, { forget }] of subjects) {
        if (names.includes(name)) continue;
        forget();
        subjects.delete(name);
      }
      follow();
    },
    close: async () => {
      for (const { forget } of subjects.values()) forget();
      subjects.clear();
      await hints.close();
    },
  };
}

const unknown: Omit<Subject, 'snapshots'> = {
  state: undefined,
  places: new Map(),
  upgradesMs: [],
  forget: () => undefined,
};

function placesOf(
  files: readonly { readonly path: string }[],
  found: ReadonlyMap<string, FileSighting>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const places = new Map<string, Set<string>>();
  for (const { path } of files) {
    const sighting = found.get(path);
    if (sighting === undefined) continue;
    const names = places.get(sighting.directory);
    if (names === undefined) places.set(sighting.directory, new Set([sighting.name]));
    else names.add(sighting.name);
  }
  return places;
}

/** A directory that is itself removed or moved says its own name. */
function isAbout({ directory, name }: Hint, places: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const names = places.get(directory);
  if (names === undefined) return false;
  return name === undefined || name === basename(directory) || names.has(name);
}
