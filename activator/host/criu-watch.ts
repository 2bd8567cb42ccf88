// Tells when the criu program may have been replaced, a moment after the last sign of it. Looks at nothing itself.

import { basename, dirname } from 'node:path';
import type { Later } from '../later.js';
import { openHints } from '../release/hints.js';

export interface CriuWatchTools {
  readonly paths: readonly string[];
  readonly later: Later;
  readonly warn: (message: string) => void;
  readonly touched: () => void;
}

/** dpkg unpacks a package in less. */
const restMs = 5000;

/** Answers what ends the watch. */
export function watchCriu({ paths, later, warn, touched }: CriuWatchTools): () => Promise<void> {
  let forget = (): void => undefined;
  const hints = openHints(
    ({ name }) => {
      if (name !== undefined && !paths.some((path) => name === basename(path))) return;
      forget();
      forget = later(restMs, touched);
    },
    (message) => {
      warn(`${message}, ignoring: another CRIU is noticed at the next cold boot or bake`);
    },
  );
  hints.follow(paths.map((path) => dirname(path)));
  return async () => {
    forget();
    await hints.close();
  };
}
