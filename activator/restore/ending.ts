// Words for an operator: how an application ended, as systemd saw it, and whether it stays up. Pure.

import type { UnitState } from '../bus/unit-properties.js';

/** '' where it runs and was never started again. systemd counts what it could not start like what has ended. */
export function endingOf(name: string, { ended, restarts }: Pick<UnitState, 'ended' | 'restarts'>): string {
  const why = `for it had ended or could not be started: journalctl -u ${name}.service`;
  const again = restarts === 0 ? '' : `systemd started it again ${times(restarts)}, ${why}`;
  return [ended, again].filter((part) => part !== '').join('; ');
}

/** '' where it is not between an end and the next start. */
export function crashProblem({ subState, ended, restarts }: UnitState): string {
  if (!subState.startsWith('auto-restart')) return '';
  const how = ended === '' ? 'could not be started' : ended;
  return `the application ${how} and was started again ${times(restarts)}; its socket stays open, and clients wait for the next start`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
