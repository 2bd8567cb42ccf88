// Says of each token that two restores of one snapshot answered alike what it is: drawn for one answer, or something that is
// the same anyway. Pure; what a token is, and which of them look random, stands in repeated-tokens.ts.

import {
  groupBy,
  isCounter,
  joint,
  numbersIn,
  shapeOf,
  textsOf,
  token,
  tokensIn,
  type Answer,
} from './repeated-tokens.js';

export interface AlikeToken {
  /** As in RepeatedToken. */
  readonly place: string;
  readonly text: string;
  /**
   * `drawn`: in one answer of each restore; `several`: in more than one, and not in all; `constant`: in all of them;
   * `ordinary`: it varies, but is of words, a time, an address or a number that counts.
   */
  readonly kind: 'drawn' | 'several' | 'constant' | 'ordinary';
  /** In how many answers of one of the restores it stood. */
  readonly answers: number;
}

/** Every token that both gave in the same place, each once; of one that is joined of others, the whole. */
export function alikeTokens(
  one: readonly Answer[],
  other: readonly Answer[],
  nowMs: number,
): readonly AlikeToken[] {
  const others = tally(other, nowMs);
  return [...tally(one, nowMs)].flatMap(([place, mine]) => {
    const theirs = others.get(place);
    if (theirs === undefined) return [];
    const numbers = new Map(
      [...groupBy([...mine.counts.keys()], shapeOf)].map(([shape, texts]) => [shape, texts.map(numbersIn)]),
    );
    const common = [...mine.counts].flatMap(([text, answers]): readonly AlikeToken[] => {
      const again = theirs.counts.get(text);
      if (again === undefined) return [];
      const isRandom = mine.random.has(text) && !isCounter(numbersIn(text), numbers.get(shapeOf(text)) ?? []);
      const kind =
        answers === mine.answers && again === theirs.answers
          ? 'constant'
          : !isRandom
            ? 'ordinary'
            : answers === 1 && again === 1
              ? 'drawn'
              : 'several';
      return [{ place, text, kind, answers }];
    });
    const parts = new Set(common.flatMap(({ text }) => (joint.test(text) ? text.split(joint) : [])));
    return common.filter(({ text }) => !parts.has(text));
  });
}

interface Tally {
  /** How many answers there were, with this place or without. */
  readonly answers: number;
  /** In how many of them each token stood. */
  readonly counts: ReadonlyMap<string, number>;
  /** Those that may have been drawn. */
  readonly random: ReadonlySet<string>;
}

function tally(answers: readonly Answer[], nowMs: number): ReadonlyMap<string, Tally> {
  return new Map(
    [...groupBy(answers, ({ request }) => request)].flatMap(([request, group]) =>
      [...groupBy(group.flatMap(textsOf), ({ part }) => part)].map(([part, found]) => {
        const counts = new Map<string, number>();
        const random = new Set<string>();
        for (const { text } of found) {
          const drawn = tokensIn(text, nowMs);
          for (const one of drawn) random.add(one);
          for (const one of new Set([...(text.match(token) ?? []), ...drawn]))
            counts.set(one, (counts.get(one) ?? 0) + 1);
        }
        return [`${part} of ${request}`, { answers: group.length, counts, random }] as const;
      }),
    ),
  );
}
