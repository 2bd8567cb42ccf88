/** Numbers that look random and are the same for the same seed, so that whatever a run finds is found again. */

export interface Random {
  /** 0 ≤ result < limit, whole. */
  readonly below: (limit: number) => number;
  /** undefined of an empty list. */
  readonly pick: <Item>(items: readonly Item[]) => Item | undefined;
}

/** Mulberry32: 32 bits of state are enough for choices. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number): number => Math.floor((next() / 2 ** 32) * limit);
  return { below, pick: (items) => items[below(items.length)] };
}
