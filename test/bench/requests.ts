/** Asks a running application many times, where single answers are not timed: to warm it up, and for its throughput. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';

/** As many as puma has threads; with fewer some of them would stay cold. */
const connections = 3;

/** Throws when one is not answered well. */
export async function askTimes(bed: Bed, port: number, path: string, times: number): Promise<void> {
  await inBed(
    bed,
    ...['curl', '--silent', '--show-error', '--fail', '--output', '/dev/null'],
    ...['--parallel', '--parallel-max', `${connections}`],
    `http://127.0.0.1:${port}${path}?[1-${times}]`,
  );
}

export interface Load {
  readonly requests: number;
  readonly perSecond: number;
}

/** As many as are answered in so many seconds, as wrk(1) counts them; throws when one is not answered well. */
export async function load(bed: Bed, port: number, path: string, seconds: number): Promise<Load> {
  const size = ['--threads', '1', '--connections', `${connections}`, '--duration', `${seconds}s`];
  const said = await inBed(bed, 'wrk', ...size, `http://127.0.0.1:${port}${path}`);
  const requests = Number(/^\s*(\d+) requests in /m.exec(said)?.[1]);
  const perSecond = Number(/^Requests\/sec:\s*([\d.]+)$/m.exec(said)?.[1]);
  if (!(requests > 0 && perSecond > 0) || /^\s*(Non-2xx|Socket errors)/m.test(said))
    throw new Error(`port ${port} did not bear the load:\n${said}`);
  return { requests, perSecond };
}
