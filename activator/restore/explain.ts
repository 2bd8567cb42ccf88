// Words for an operator: why an application came up the way it did, and what to do about it. Pure.

import type { Kept, Outcome } from './outcome.js';

interface Explanation {
  readonly reason: string;
  readonly advice: string;
}

const restoreFailed = {
  reason: 'every snapshot that could serve failed to restore',
  advice:
    'The failed snapshot was set aside and a new one is baked; until then each start is a cold boot. Nothing is to be done unless it happens again.',
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
  'snapshot-used': {
    reason: 'the snapshot serves one start, and another one had used it up',
    advice: 'The next one is baked by itself; `grenadine status NAME` says why each start uses one up.',
  },
  'use-failed': {
    reason: 'the snapshot serves one start, and could not be marked as used, so that it was not',
    advice: 'Is /var/lib/grenadine/ read-only, or the disk full? See: journalctl -u NAME.service',
  },
  'plan-invalid': {
    reason: 'the plan beside the snapshot could not be read',
    advice:
      'The store was damaged. The snapshot was set aside and a new one is baked; if it happens again, look at the disk: journalctl -k',
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
  'ended-early': {
    reason: 'it was restored, and ended before it had taken a connection',
    advice:
      'The snapshot was set aside and a new one is baked. What it said before it ended: journalctl -u NAME.service',
  },
  'no-answer': {
    reason: 'it was restored, and took no connection within ten times what it had taken when it was proved',
    advice:
      'It was ended, the snapshot was set aside and a new one is baked. Does it wait for something that was there when it was baked? See: journalctl -u NAME.service',
  },
  'crash-loop': {
    reason: 'what was restored ended again and again within seconds',
    advice:
      'The snapshot was set aside and a new one is baked. If that ends so, too, it is the application: journalctl -u NAME.service',
  },
  'host-refused': {
    reason: 'the host refused what a restore takes: memory, a process, a file, or room to write',
    advice:
      'The snapshot is kept, and tried again at the next start. Look at the limits of the unit (systemctl show NAME.service -p TasksMax,MemoryMax,LimitAS), at free memory, and at room in /run/.',
  },
  'listeners-failed': {
    reason: 'the sockets could not be made what the application had made of them',
    advice:
      'Does NAME.socket hold what ListenStream= says? systemctl restart NAME.socket, and: grenadine bake NAME',
  },
  'namespaces-failed': {
    reason: 'the namespaces could not be built for the restore',
    advice:
      'The snapshot is kept. Is there a drop-in that forbids them, such as RestrictNamespaces= or SystemCallFilter=, or is the host short of memory or PIDs? systemctl cat NAME.service',
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

/** '' where it has the namespaces without which no snapshot can be made of it. */
export function namespaceProblem(outcome: Outcome | undefined): string {
  if (outcome === undefined || outcome.plain === '') return '';
  return `it runs without namespaces of its own, and no snapshot can be made: ${outcome.plain}`;
}

/** Does the code of a failed rung blame the snapshot itself, so that it must not be tried again? */
export function blamesSnapshot(code: string): boolean {
  return blaming.includes(code);
}

const blaming: readonly string[] = [
  'restore-failed',
  'restore-timeout',
  'plan-invalid',
  'file-refused',
  'ended-early',
  'no-answer',
];
