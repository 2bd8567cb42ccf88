// Words for an operator: why an application came up the way it did, and what to do about it. Pure.

import { explainCode, type Explanation } from './cold-reasons.js';
import type { Situation } from './situation.js';

export function explain(situation: Situation): Explanation {
  const { outcome, name } = situation;
  if (outcome === undefined)
    return {
      reason: 'it has not been started since this host came up',
      advice: `Connect to it, or: systemctl start ${name}`,
    };
  if (outcome.how === 'restored')
    return {
      reason: `it was restored from snapshot ${outcome.snapshot ?? ''}`,
      advice: sentences(
        outcome.failed.length === 0 ? '' : 'Newer snapshots could not be used; see below.',
        restarted(situation),
      ),
    };
  const { detail, reason: code = 'unknown' } = outcome;
  const known = explainCode({ ...situation, code, detail });
  const { reason, advice } = known ?? { reason: code, advice: `See: journalctl -u ${name}.service` };
  return { reason, advice: sentences(restarted(situation), advice) };
}

/** Of the restarts, unless the snapshot that serves is known to have made them. */
function restarted({ restarts, name, isActive, circumstances, setAside }: Situation): string {
  const { code } = (circumstances === undefined ? setAside : circumstances.setAside) ?? {};
  if (restarts === 0 || code === 'crash-loop') return '';
  return sentences(
    isActive ? 'It runs now.' : '',
    `Why it was started again: journalctl -u ${name}.service. If it had ended by itself, look at the application; if ` +
      '"Resource temporarily unavailable" stands there, processes were short: sysctl kernel.pid_max; ' +
      `systemd-cgtop -o tasks; systemctl show ${name}.service -p TasksMax.`,
  );
}

function sentences(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}
