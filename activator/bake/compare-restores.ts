// Finds out how many starts a draft serves: restores it a second time where that decides something, and tells the journal
// what it means for the operator. What is decided, and by what, is in choose-reuse.ts and kept-generators.ts.

import type { Application } from '../../generator/config/application.js';
import type { LauncherState } from '../control/control-reply.js';
import type { ImageFacts } from '../images/edit-images.js';
import type { ManifestReuse } from '../store/manifest.js';
import { chooseReuse } from './choose-reuse.js';
import { keptGenerators } from './kept-generators.js';
import type { Answer } from './repeated-tokens.js';

interface Comparison {
  /** What the first restore answered. */
  readonly one: readonly Answer[];
  /** Restores it again and answers what that does. */
  readonly restoreAgain: () => Promise<readonly Answer[]>;
  readonly nowMs: () => number;
  readonly warn: (message: string) => void;
}

export async function compareRestores(
  { name, snapshot }: Application,
  { keepsOpenssl }: Pick<LauncherState, 'keepsOpenssl'>,
  { code }: Pick<ImageFacts, 'code'>,
  { one, restoreAgain, nowMs, warn }: Comparison,
): Promise<ManifestReuse> {
  const kept = keptGenerators({ paths: code.map(({ path }) => path), isKept: keepsOpenssl });
  if (snapshot.reuse === 'always' && kept.length > 0)
    warn(`${name}: each restore repeats random numbers, for Reuse=always although ${kept.join('; ')}`);
  const isDecided = snapshot.reuse !== 'auto' || kept.length > 0;
  const restores = isDecided ? undefined : { one, other: await restoreAgain(), nowMs: nowMs() };
  const reuse = chooseReuse(snapshot.reuse, kept, restores);
  if (snapshot.reuse === 'auto' && reuse.kind === 'once')
    warn(`${name}: each start uses a snapshot up (Reuse=auto), for ${reuse.why}`);
  return reuse;
}
