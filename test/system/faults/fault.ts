/** What a fault is to the tests and to the table of them: how it comes about, and what must follow from it. */

export interface Injected {
  readonly mend: () => Promise<unknown>;
  /** Where the client can be answered only once it is mended: resolves when the service has felt it. */
  readonly felt?: () => Promise<void>;
}

/** What was broken is thrown away. */
export const nothingToMend: Injected = { mend: () => Promise.resolve() };

export interface Fault {
  /** What is wrong; a heading of test/faults.md. */
  readonly name: string;
  /** How the test has it come about, for whoever reads the table. */
  readonly injected: string;
  /** Does so while nothing runs and `snapshot` would serve. */
  readonly inject: (snapshot: string) => Promise<Injected>;
  /** It is cut off, and tries again until it is answered; else it connects once, and waits. */
  readonly clientTriesAgain?: true;
  /** From what the client is answered; undefined where that depends on the moment. */
  readonly from: 'restored' | 'cold' | undefined;
  /** Why it booted cold: grenadine-launch(8). */
  readonly code?: string;
  /** Something that must be among what is said of it. */
  readonly says: RegExp;
  /** What becomes of the snapshot. One that is stale may serve again. */
  readonly snapshot: 'kept' | 'stale' | 'set aside';
}

export interface FaultGroup {
  readonly title: string;
  readonly faults: readonly Fault[];
}

/** What was seen of one, for the table. */
export interface Sighting {
  readonly group: string;
  readonly name: string;
  readonly injected: string;
  readonly client: string;
  /** Of each command what it said. */
  readonly said: readonly (readonly [command: string, text: string])[];
}
