// What launchers say of starts and switches, taken in: how an application came up, of which release, and what failed on
// the way, which is put out of service. Asks nobody to do anything.

import type { Applications, ApplicationState } from './applications.js';
import type { Log } from './log.js';
import type { Release } from './release/release-id.js';
import type { Systemd } from './bus/systemd.js';
import { blamesSnapshot } from './restore/blame.js';
import { describeLoop, isCrashLoop, mayBeCrashLoop, nextStreak, noStreak } from './restore/crash-loop.js';
import { isSameStart, readOutcomeFile, type Kept, type Outcome } from './restore/outcome.js';
import { recallStarted, rememberStarted } from './restore/started.js';
import { setAside } from './set-aside.js';
import type { Store, StoredSnapshot } from './store/store.js';

export interface StartsTools {
  readonly applications: Applications;
  readonly systemd: Pick<Systemd, 'state'>;
  readonly store: Store;
  readonly log: Log;
}

export interface Starts {
  /** At once, for whoever looks next; `takeIn` follows. */
  readonly arrived: (name: string, report: Outcome | Kept) => void;
  /** Answers whether the report only says more of a start that is known: what came of AfterRestore=, in the end. */
  readonly amended: (name: string, report: Outcome | Kept) => boolean;
  /** Puts what failed into quarantine. Afterwards the application is to be looked at again, and `remember` called. */
  readonly takeIn: (name: string, report: Outcome | Kept) => Promise<void>;
  readonly remember: (name: string, report: Outcome | Kept) => Promise<void>;
  /** What the launcher has left of a start that nobody reported to us; undefined when there was none, or it is known. */
  readonly missed: (name: string) => Promise<Outcome | undefined>;
  /** As `remember`, of a start that may be long ago: another release may be deployed by now. */
  readonly recall: (name: string, missed: Outcome) => Promise<void>;
}

export function createStarts(tools: StartsTools): Starts {
  const { applications, systemd, store, log } = tools;

  const start = (name: string, outcome: Outcome): void => {
    const state = applications.get(name);
    // This is called again with what is known already.
    const isNews = state.outcome === undefined || !isSameStart(state.outcome, outcome);
    const streak = isNews ? nextStreak(state.streak, outcome) : state.streak;
    // A cold boot was of what is deployed, as far as that had been looked at.
    const started = outcome.how === 'cold' ? state.release : madeOf(outcome, state);
    const snapshots = state.snapshots.map((one) => usedBy(outcome, one));
    applications.update(name, { outcome, streak, started, snapshots, kept: undefined });
  };

  const keep = (name: string, report: Kept): void => {
    // Who stops the service ends the switch, and that is all there is to it.
    if (report.reason === 'stopping') return;
    const { release } = applications.get(name);
    applications.update(name, { kept: { report, release } });
  };

  /** What serves now may still run; the next start does without its snapshot. */
  const endCrashLoop = async (name: string): Promise<void> => {
    const { streak } = applications.get(name);
    if (streak.snapshot === undefined || !mayBeCrashLoop(streak)) return;
    const { restarts, ended } = await systemd.state(`${name}.service`);
    if (!isCrashLoop(streak, restarts)) return;
    applications.update(name, { streak: noStreak });
    const why = describeLoop(streak, ended);
    await setAside(tools, name, { id: streak.snapshot, code: 'crash-loop', why });
  };

  return {
    arrived: (name, report) => {
      if (report.how !== 'kept') start(name, report);
    },
    amended: (name, report) => {
      const { outcome } = applications.get(name);
      if (report.how === 'kept' || report.afterRestore === '') return false;
      if (outcome === undefined || !isSameStart(outcome, report)) return false;
      applications.update(name, { outcome: report });
      return true;
    },
    takeIn: async (name, { failed }) => {
      const stored = (await store.list(name)).map(({ id }) => id);
      for (const { snapshot: id, code, text } of failed)
        if (stored.includes(id) && blamesSnapshot(code)) await setAside(tools, name, { id, code, why: text });
      if (stored.includes(applications.get(name).streak.snapshot ?? '')) await endCrashLoop(name);
    },
    remember: async (name, report) => {
      if (report.how === 'kept') {
        keep(name, report);
        return;
      }
      const { outcome } = applications.get(name);
      // Another start may have been reported since, or more of this one.
      if (outcome === undefined || !isSameStart(outcome, report)) return;
      start(name, outcome);
      const { started } = applications.get(name);
      if (started === undefined) return;
      await rememberStarted(name, report, started).catch((error: unknown) => {
        log.warning(`${name}: which release runs could not be written down: ${String(error)}, ignoring`);
      });
    },
    missed: async (name) => {
      const { outcome } = applications.get(name);
      const left = await readOutcomeFile(name);
      return left === undefined || (outcome !== undefined && isSameStart(outcome, left)) ? undefined : left;
    },
    recall: async (name, missed) => {
      const made = madeOf(missed, applications.get(name));
      applications.update(name, { outcome: missed, started: made ?? (await recallStarted(name, missed)) });
    },
  };
}

/** Before anybody looks into the store: the next start may come at once. */
function usedBy({ snapshot }: Outcome, one: StoredSnapshot): StoredSnapshot {
  return one.id === snapshot && one.manifest.reuse?.kind === 'once' ? { ...one, isUsed: true } : one;
}

/** Which release the snapshot was made of that serves; undefined after a cold boot. */
function madeOf({ snapshot }: Outcome, { snapshots }: ApplicationState): Release | undefined {
  return snapshots.find(({ id }) => id === snapshot)?.manifest.release;
}
