// Which snapshots are to go: those that are used up, more than are to be kept of an application, or more than fit the
// store. Pure.

export interface Removable {
  readonly name: string;
  readonly id: string;
  readonly bytes: number;
  readonly createdUs: number;
  /** Current, pinned or running: never removed, whatever the limits. */
  readonly isInUse: boolean;
  /** It will never serve again. */
  readonly isSpent: boolean;
}

export interface Limits {
  /** `Keep=` of an application. */
  readonly keepOf: (name: string) => number;
  /** `Limit=` of the store; undefined is no limit. */
  readonly limitBytes: number | undefined;
}

/** Oldest first. What is in use counts towards both limits and stays. */
export function planRemovals(snapshots: readonly Removable[], limits: Limits): readonly Removable[] {
  const newestFirst = snapshots.toSorted((one, other) => other.createdUs - one.createdUs);
  const surplus = newestFirst.filter(
    (one) =>
      !one.isInUse &&
      (one.isSpent ||
        newestFirst.filter(({ name }) => name === one.name).indexOf(one) >= limits.keepOf(one.name)),
  );
  const staying = newestFirst.filter((one) => !surplus.includes(one));
  return [...surplus, ...beyond(staying, limits.limitBytes)].toSorted(
    (one, other) => one.createdUs - other.createdUs,
  );
}

/** The oldest that must go for the others to fit. */
function beyond(newestFirst: readonly Removable[], limitBytes: number | undefined): readonly Removable[] {
  if (limitBytes === undefined) return [];
  let bytes = newestFirst.reduce((sum, one) => sum + one.bytes, 0);
  return newestFirst.toReversed().filter((one) => {
    if (bytes <= limitBytes || one.isInUse) return false;
    bytes -= one.bytes;
    return true;
  });
}
