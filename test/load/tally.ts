/** What a load amounts to: failures, answers of the wrong revision, pauses. Pure. */
import type { Exchange } from './exchange.js';

/** One that was asked for and reported done; on the clock of the exchanges, in microseconds. */
export interface Switch {
  readonly askedUs: number;
  readonly doneUs: number;
  /** What answers from then on. */
  readonly revision: string;
}

export interface Tally {
  readonly requests: number;
  /** One sentence each. */
  readonly failures: readonly string[];
  /** Asked again on a new connection, because a kept one was closed in an orderly way; see Exchange. */
  readonly repeated: number;
  readonly medianMs: number;
  /** From the beginning of a request to its answer. */
  readonly longestMs: number;
  /** No client had an answer for so long. */
  readonly longestSilenceMs: number;
}

export function tallyOf(exchanges: readonly Exchange[]): Tally {
  const tookMs = exchanges
    .map(({ beganUs, endedUs }) => (endedUs - beganUs) / 1000)
    .sort((one, other) => one - other);
  const answeredUs = exchanges
    .filter(({ result }) => isGood(result))
    .map(({ endedUs }) => endedUs)
    .sort((one, other) => one - other);
  const silencesMs = answeredUs.map((at, index) => (at - (answeredUs[index - 1] ?? at)) / 1000);
  return {
    requests: exchanges.length,
    failures: exchanges.flatMap(({ result }) => (isGood(result) ? [] : [sentence(result)])),
    repeated: exchanges.filter(({ isRepeated }) => isRepeated).length,
    medianMs: tookMs[Math.floor(tookMs.length / 2)] ?? 0,
    longestMs: tookMs.at(-1) ?? 0,
    longestSilenceMs: Math.max(0, ...silencesMs),
  };
}

/** One line, for people. */
export function describeTally(tally: Tally): string {
  const { requests, failures, repeated, medianMs, longestMs, longestSilenceMs } = tally;
  const counts = `${requests} requests, ${failures.length} failed, ${repeated} asked again`;
  const pauses = `${longestMs.toFixed(0)} ms for one client, ${longestSilenceMs.toFixed(0)} ms for all`;
  return `${counts}; half took up to ${medianMs.toFixed(0)} ms; the longest pause ${pauses}`;
}

/**
 * The answers of another revision than the one in force when the request began. While a switch is under way, from when
 * it is asked for until it is done, the old and the new are both right.
 */
export function wrongRevisions(
  exchanges: readonly Exchange[],
  switches: readonly Switch[],
): readonly string[] {
  return exchanges.flatMap((exchange) => {
    const { isKept, beganUs, endedUs, result } = exchange;
    if (result.kind !== 'answered') return [];
    const last = switches.findLast(({ doneUs }) => doneUs <= beganUs);
    if (last === undefined || last.revision === result.revision) return [];
    const isOnItsWay = ({ askedUs, doneUs, revision }: Switch): boolean =>
      doneUs > beganUs && askedUs <= endedUs && revision === result.revision;
    if (switches.some(isOnItsWay)) return [];
    const lateMs = ((beganUs - last.doneUs) / 1000).toFixed(1);
    return [
      `${result.revision} in place of ${last.revision}, begun ${lateMs} ms after the switch on a ${isKept ? 'kept' : 'new'} connection`,
    ];
  });
}

function isGood(result: Exchange['result']): boolean {
  return result.kind === 'answered' && result.status === 200;
}

function sentence(result: Exchange['result']): string {
  return result.kind === 'failed' ? result.why : `status ${result.status}`;
}
