// All that an explanation of a start takes from: what the launcher said of it, and how things stand by now.

import type { BakeState } from '../bake/bake-state.js';
import type { Outcome } from '../restore/outcome.js';

/** A snapshot that was put into quarantine, or was to be. */
export interface SetAside {
  readonly snapshot: string;
  readonly code: string;
  readonly text: string;
  /** Why it could not be moved there; '' where it was. */
  readonly failure: string;
}

export interface Situation {
  readonly name: string;
  readonly outcome: Outcome | undefined;
  /** The last one since there is a new snapshot. */
  readonly setAside: SetAside | undefined;
  /** The ids of those that are stored. */
  readonly snapshots: readonly string[];
  /** Of each of them that may not serve, why: `ID: text`. */
  readonly stale: readonly string[];
  /** What the next start is restored from; undefined where it will be a cold boot. */
  readonly next: string | undefined;
  /** Enable= and Bake=: whether snapshots are used at all, and made by themselves. */
  readonly isEnabled: boolean;
  readonly isAutomatic: boolean;
  /** undefined where only the activator would know, and is not there: nothing is baked or set aside without it. */
  readonly bake: BakeState | undefined;
  /** How often systemd has started it again by itself since somebody asked for it. */
  readonly restarts: number;
  /** What is wrong with CRIU; '' where nothing is. */
  readonly criu: string;
}
