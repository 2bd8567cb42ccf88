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

/** Requests per second over so many seconds, as wrk(1) counts them; throws when one is not answered well. */
export async function requestsPerSecond(
  bed: Bed,
  port: number,
  path: string,
  seconds: number,
): Promise<number> {
  const size = ['--threads', '1', '--connections', `${connections}`, '--duration', `${seconds}s`];
  const said = await inBed(bed, 'wrk', ...size, `http://127.0.0.1:${port}${path}`);
  const rate = Number(/^Requests\/sec:\s*([\d.]+)$/m.exec(said)?.[1]);
  if (!(rate > 0) || /^\s*(Non-2xx|Socket errors)/m.test(said))
    throw new Error(`port ${port} did not bear the load:\n${said}`);
  return rate;
}
