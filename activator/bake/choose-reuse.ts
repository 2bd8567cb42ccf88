// Decides how many starts a snapshot serves: what Reuse= says and, where that is `auto`, what is known to repeat. Pure.

import type { Application } from '../../generator/config/application.js';
import type { ManifestReuse } from '../store/manifest.js';
import { repeatedTokens, type Answer } from './repeated-tokens.js';

export interface Restores {
  readonly one: readonly Answer[];
  readonly other: readonly Answer[];
  readonly nowMs: number;
}

/** `kept` are generators that come back as they were; `restores` were compared where Reuse= is `auto`. */
export function chooseReuse(
  wanted: Application['snapshot']['reuse'],
  kept: readonly string[],
  restores: Restores | undefined,
): ManifestReuse {
  switch (wanted) {
    case 'once':
      return { kind: 'once', why: 'Reuse=once' };
    case 'always':
      return {
        kind: 'unlimited',
        why: kept.length === 0 ? 'Reuse=always' : `Reuse=always, although ${kept.join('; ')}`,
      };
    case 'auto': {
      const why = [...kept, ...(restores === undefined ? [] : inCommon(restores))];
      return why.length === 0 ? { kind: 'unlimited', why: '' } : { kind: 'once', why: why.join('; ') };
    }
  }
}

/** As many as a line bears; the others are of the same sort. */
const mostPlaces = 3;

function inCommon({ one, other, nowMs }: Restores): readonly string[] {
  if (!requestsOf(one).some((request) => requestsOf(other).includes(request)))
    return ['two restores of it could not be compared: they did not answer the same twice'];
  const found = repeatedTokens(one, other, nowMs);
  if (found.length === 0) return [];
  const named = found
    .slice(0, mostPlaces)
    .map(({ place, characters }) => `${place} (${characters} characters)`);
  const more = found.length > mostPlaces ? `, and in ${found.length - mostPlaces} more places` : '';
  return [`two restores of it gave out the same random text in ${named.join(', ')}${more}`];
}

/** Those that were answered more than once, so that it is seen what varies. */
function requestsOf(answers: readonly Answer[]): readonly string[] {
  const requests = answers.map(({ request }) => request);
  return requests.filter((request, at) => requests.indexOf(request) !== at);
}
