// Words for an operator: why an application came up the way it did, and what to do about it. Pure.

import type { Kept, Outcome } from './outcome.js';

interface Explanation {
  readonly reason: string;
  readonly advice: string;
}

const restoreFailed = {
  reason: 'every snapshot that could serve failed to restore',
  advice: 'The failed snapshot was set aside and a new one is baked. CRIU’s own last errors are below.',
};

/** The launcher's reason codes for a cold boot (grenadine-launch(8)). */
const coldReasons: Readonly<Record<string, Explanation>> = {
  'no-snapshot': {
    reason: 'there was no snapshot that may serve',
    advice:
      '`grenadine list NAME` says what is wrong with those that are there. One is baked by itself after a cold boot (Bake=auto); `grenadine bake NAME` does it now and says what stands in the way.',
  },
  'snapshot-stale': {
    reason: 'the snapshot was made for another configuration, release, kernel or CRIU',
    advice: 'A new one is baked by itself; `grenadine list NAME` says what changed.',
  },
  'plan-invalid': {
    reason: 'the plan beside the snapshot could not be read',
    advice: 'The store was damaged. `grenadine bake NAME` makes a new snapshot.',
  },
  'restore-failed': restoreFailed,
  'file-refused': {
    reason: 'a file cannot be opened any more with the rights of its user, or a link is in its place',
    advice:
      'The snapshot was set aside and a new one is baked; `grenadine why NAME` names the file. Did somebody replace it, or take its user’s right?',
  },
  'no-criu': {
    reason: 'CRIU is not installed',
    advice: 'Install criu 4.2 or newer; until then every start is a cold boot.',
  },
  'restore-timeout': {
    reason: 'CRIU did not finish within the deadline that the proof had set',
    advice: 'The snapshot was set aside and a new one is baked. Is the host short of CPU, memory or disk?',
  },
  'namespaces-failed': {
    reason: 'the namespaces could not be built for the restore',
    advice: 'Is the host short of memory or PIDs, or /run/ read-only? See: journalctl -u NAME.service',
  },
};

export function explain(outcome: Outcome | undefined, name: string): Explanation {
  if (outcome === undefined)
    return {
      reason: 'it has not been started since this host came up',
      advice: `Connect to it, or: systemctl start ${name}`,
    };
  if (outcome.how === 'restored')
    return {
      reason: `it was restored from snapshot ${outcome.snapshot ?? ''}`,
      advice: outcome.failed.length === 0 ? '' : 'Newer snapshots failed first; they were set aside.',
    };
  const file = unopenable(outcome);
  if (file !== undefined) return { reason: file, advice: restoreFailed.advice };
  // Not what every object has: `constructor` is a word like any other.
  const known = Object.entries(coldReasons).find(([code]) => code === outcome.reason)?.[1];
  if (known !== undefined) return { reason: known.reason, advice: known.advice.replaceAll('NAME', name) };
  return { reason: outcome.reason ?? 'unknown', advice: `See: journalctl -u ${name}.service` };
}

/** CRIU opens each file of the snapshot again: open_path() of criu/files-reg.c, whose paths begin without a slash. */
function unopenable({ reason, detail }: Outcome): string | undefined {
  if (reason !== 'restore-failed') return undefined;
  const [, path, why] = /Can't open file (.+?) on restore: ([^;]+)/.exec(detail) ?? [];
  if (path === undefined || why === undefined) return undefined;
  return `/${path}, which the application had open or was in when it was dumped, cannot be opened: ${why}`;
}

/** '' where the last switch did not fail. */
export function switchProblem(kept: Kept | undefined): string {
  if (kept === undefined) return '';
  return `the last switch failed, and what ran goes on (${kept.reason}): ${kept.detail}`;
}

/** '' where all of AfterRestore= was done. */
export function hookProblem(outcome: Outcome | undefined): string {
  if (outcome === undefined || outcome.afterRestore === '') return '';
  return `AfterRestore= failed, and it serves nevertheless: ${outcome.afterRestore}`;
}

/** Does the code of a failed rung blame the snapshot itself, so that it must not be tried again? */
export function blamesSnapshot(code: string): boolean {
  return ['restore-failed', 'restore-timeout', 'plan-invalid'].includes(code);
}
