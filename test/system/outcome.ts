/** How an application came up, from the file that the launcher leaves in /run: true with or without an activator. */
import { watch } from 'node:fs';
import { rm } from 'node:fs/promises';
import { readOutcomeFile, type Outcome } from '../../activator/restore/outcome.js';

const folder = '/run/grenadine/outcome';
const deadlineMs = 30_000;

/** To be called before a start, so that waitForOutcome() does not find an older one. */
export async function forgetOutcome(name: string): Promise<void> {
  await rm(`${folder}/${name}`, { force: true });
}

/** The launcher writes it right after READY=1, so it may come a moment after the first answer. */
export function waitForOutcome(name: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      end(() => {
        reject(new Error(`${name} left no outcome within ${deadlineMs} ms`));
      });
    }, deadlineMs);
    const end = (settle: () => void): void => {
      clearTimeout(late);
      watcher.close();
      settle();
    };
    const look = (): void => {
      void readOutcomeFile(name).then((outcome) => {
        if (outcome === undefined) return;
        end(() => {
          resolve(outcome);
        });
      });
    };
    const watcher = watch(folder, look);
    // It may have been there before the watch.
    look();
  });
}
