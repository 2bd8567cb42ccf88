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

/** How things stood when the report of a cold boot was taken in. What has come about since does not explain it. */
export interface Circumstances {
  /** The one that was reported. */
  readonly start: Outcome;
  /** Enable= */
  readonly isEnabled: boolean;
  /** What was wrong with CRIU; '' where nothing was. */
  readonly criu: string;
  readonly hasSnapshots: boolean;
  /** Of each of them that could not serve, why: `ID: text`. */
  readonly stale: readonly string[];
  /** The last one since there was a new snapshot. */
  readonly setAside: SetAside | undefined;
}

/** Whether a snapshot is baked by itself, or why none is. */
export type Automation =
  | { readonly kind: 'bakes' }
  /** Bake=manual */
  | { readonly kind: 'manual' }
  /** Path= leads nowhere. */
  | { readonly kind: 'undeployed'; readonly path: string }
  /** One that fits is stored. */
  | { readonly kind: 'stored' };

export interface Situation {
  readonly name: string;
  readonly outcome: Outcome | undefined;
  /** undefined where nobody knows: it was no cold boot, is just being taken in, or the activator was not there or anew. */
  readonly circumstances: Circumstances | undefined;
  /** The last one since there is a new snapshot. */
  readonly setAside: SetAside | undefined;
  /** The ids of those that are stored. */
  readonly snapshots: readonly string[];
  /** What the next start is restored from; undefined where it will be a cold boot. */
  readonly next: string | undefined;
  /** Enable= */
  readonly isEnabled: boolean;
  readonly automation: Automation;
  /** undefined where only the activator would know, and is not there: nothing is baked or set aside without it. */
  readonly bake: BakeState | undefined;
  /** systemd's ActiveState= is `active`. */
  readonly isActive: boolean;
  /** How often systemd has started it again by itself since somebody asked for it. */
  readonly restarts: number;
  /** What is wrong with CRIU; '' where nothing is. */
  readonly criu: string;
}
