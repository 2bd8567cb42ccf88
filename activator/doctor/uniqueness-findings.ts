// What `grenadine doctor NAME --uniqueness` makes of the answers of two restores: a row for each token that both drew. Pure.

import { alikeTokens, type AlikeToken } from '../bake/alike-tokens.js';
import type { Answer } from '../bake/repeated-tokens.js';
import { counted, held, hint, obstacle, type Finding } from './finding.js';

export function uniquenessFindings(
  one: readonly Answer[],
  other: readonly Answer[],
  path: string,
  nowMs: number,
): readonly Finding[] {
  // Alone, an answer does not tell what would vary.
  if (one.length < 2 || other.length < 2)
    return [
      obstacle(
        'answers',
        `GET ${path}`,
        'too few to compare',
        'see whether the application answers that path, or choose another with --path=',
      ),
    ];
  const tokens = alikeTokens(one, other, nowMs);
  const of = (kind: AlikeToken['kind']): readonly AlikeToken[] =>
    tokens.filter((token) => token.kind === kind);
  return [
    ...of('drawn').map((token, at, all) => repeated(token, all[at - 1]?.place === token.place)),
    ...of('several').map(({ place, text, answers }) =>
      hint('token', text, `in ${counted(answers, 'answer')} of each, in ${place}`, ''),
    ),
    ...left(of('constant'), 'constants', 'in every answer of both, and left out'),
    ...left(of('ordinary'), 'ordinary text', 'words, times, addresses and counts, and left out'),
  ];
}

const advice =
  'find out what draws it; TWO RESTORES OF ONE SNAPSHOT in grenadine(7) tells which generators repeat, and what to do';

/** One advice for each place is enough. */
function repeated({ place, text }: AlikeToken, isAdvised: boolean): Finding {
  return obstacle('token', text, `given by both, in ${place}`, isAdvised ? '' : advice);
}

function left(tokens: readonly AlikeToken[], holds: string, handling: string): readonly Finding[] {
  return tokens.length === 0 ? [] : [held(holds, counted(tokens.length, 'token'), handling)];
}
