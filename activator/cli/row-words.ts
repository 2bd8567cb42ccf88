// What the rows of the activator's answers say to people, value by value; '' where there is nothing to be said. Pure.

import { number, text, texts, type Row } from './client.js';
import { milliseconds } from './table.js';

/** '' where only the activator would know. */
export function count(row: Row): string {
  return row['snapshots'] === undefined ? '' : `${number(row, 'snapshots')}`;
}

/** Codes of which the reason says more than the launcher could. */
const toldBetter: readonly string[] = ['no-snapshot', 'no-criu'];

/** The reason, and what the launcher said to it where that stands nowhere else. */
export function because(row: Row): string {
  // It would have named another one, perhaps, or none.
  const without = isWithoutActivator(row)
    ? '. The launcher chose by itself, for the activator gave no answer that it could use'
    : '';
  const detail = toldBetter.includes(text(row, 'code')) ? '' : text(row, 'detail');
  const isSaid = [...texts(row, 'failed'), text(row, 'reason')].some((line) => line.includes(detail));
  return `${text(row, 'reason')}${isSaid || detail === '' ? '' : ` (${detail})`}${without}`;
}

function isWithoutActivator(row: Row): boolean {
  return text(row, 'answer') === 'plan';
}

/** Those lines that none of the others holds: nobody reads the same thing twice. CRIU's begin with a PID. */
export function news(lines: readonly string[], others: readonly string[]): readonly string[] {
  return lines.filter((line) => !others.some((other) => other.includes(line.replace(/^\d+: (?=Error)/, ''))));
}

export function stateText(row: Row): string {
  const pid = number(row, 'main-pid');
  return states(row, pid > 0 ? `${text(row, 'state')} (main PID ${pid})` : text(row, 'state'));
}

/** systemd's state, and ours beside it. */
export function states(row: Row, state: string): string {
  return text(row, 'degraded') === '' ? state : `${state}, degraded`;
}

export function currentSnapshot(row: Row): string {
  const id = text(row, 'snapshot');
  const stale = texts(row, 'stale').find((line) => line.startsWith(`${id}: `));
  return id === '' || stale === undefined ? id : `${id} (stale: ${stale.slice(id.length + 2)})`;
}

export function snapshots(row: Row): string {
  const known = number(row, 'snapshots');
  return known > 0 && texts(row, 'stale').length === known ? `${known}, none of which may serve` : count(row);
}

/** The reason is not said twice: most often it is the problem, too. */
export function degradedText(row: Row, hint: string): string {
  const reason = text(row, 'degraded');
  if (reason === '') return '';
  const because = text(row, 'problem').includes(reason) ? '' : `, because ${reason}`;
  return `each start is a cold boot${because}${hint}`;
}

export function cameUp(row: Row): string {
  switch (text(row, 'how')) {
    case 'restored':
      return `restored from snapshot ${text(row, 'restored-from')} in ${milliseconds(number(row, 'ready-us') / 1000)}`;
    case 'cold':
      return `booted cold (${text(row, 'code')})`;
    default:
      return 'not started since this host came up';
  }
}

/** Of the snapshot that it came up from. */
export function memory(row: Row): string {
  const reason = text(row, 'memory-why');
  return reason === '' ? text(row, 'memory') : `${text(row, 'memory')}: ${reason}`;
}

/** '' where a snapshot serves any number of starts, and nothing is to be said about that. */
export function reuse(row: Row): string {
  return text(row, 'reuse') === 'once' ? usesUp(row) : text(row, 'reuse-why');
}

export function usesUp(row: Row): string {
  if (text(row, 'reuse') !== 'once') return '';
  return `each start uses a snapshot up, and the next one is baked: ${text(row, 'reuse-why')}`;
}

/** The launcher's phases, each as the time since its start. A cold boot's last is the command's start, not its answer. */
export function phases(row: Row): string {
  const isCold = text(row, 'how') === 'cold';
  const answered = isWithoutActivator(row) ? 'went on without the activator' : 'activator answered';
  const names = isCold
    ? { answered, ready: 'command started' }
    : { answered, namespaces: 'namespaces', criu: 'criu', ready: 'ready' };
  const lost = isCold && texts(row, 'failed').length > 0 ? ', the snapshots that failed included' : '';
  const told = Object.entries(names)
    .filter(([phase]) => number(row, `${phase}-us`) > 0)
    .map(([phase, words]) => `${words} ${(number(row, `${phase}-us`) / 1000).toFixed(1)} ms`);
  return told.join(', ') + (told.length === 0 ? '' : lost);
}
