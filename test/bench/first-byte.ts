/** The client that measures, compiled in the bed and run there: first-byte.c does the timing, this calls it. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';

export interface Measured {
  /** From before connect() to the first byte of the answer. */
  readonly firstByteMs: number;
  readonly status: number;
  readonly body: string;
}

const program = '/usr/local/bin/first-byte';
/** Longer than any boot takes; systemd gives up on a start after 90 s. */
const timeoutMs = 100_000;

export async function compileFirstByte(bed: Bed): Promise<void> {
  await inBed(
    bed,
    'gcc',
    '-O2',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-o',
    program,
    '/src/test/bench/first-byte.c',
  );
}

/** One request on one new connection, from within the bed. */
export async function measureFirstByte(bed: Bed, port: number, path: string): Promise<Measured> {
  const { status, stdout, stderr } = await bed.run([program, '127.0.0.1', `${port}`, path], { timeoutMs });
  if (status !== 0) throw new Error(`no answer from port ${port}: ${stderr}`);
  const head = /^HTTP\/1\.\d (\d{3})/.exec(stdout);
  if (head === null) throw new Error(`port ${port} did not answer with HTTP: '${stdout.slice(0, 80)}'`);
  return {
    firstByteMs: Number(stderr) / 1000,
    status: Number(head[1]),
    body: stdout.slice(stdout.indexOf('\r\n\r\n') + 4),
  };
}
