/** The HTTP clients that measure, run in the bed: the C programs do the timing, this calls them. */
import type { Bed } from '../bed/bed.js';
import { compile, programPath } from './compile.js';

export interface Measured {
  /** When it connected, in µs of CLOCK_MONOTONIC. */
  readonly connectedUs: number;
  /** From before connect() to the first byte of the answer. */
  readonly firstByteMs: number;
  readonly status: number;
  readonly body: string;
}

export interface FirstAnswer {
  /** From the start of the command to the first byte of the wanted answer. */
  readonly answeredMs: number;
  /** From its start to its end. */
  readonly commandMs: number;
  /** Connections that nobody listened for. */
  readonly refused: number;
  /** Connections that were taken and ended without an answer. */
  readonly lost: number;
}

/** Longer than any boot takes; systemd gives up on a start after 90 s. */
const timeoutMs = 110_000;

/** first-answer.c, see measureFirstAnswer(). */
export function compileFirstAnswer(bed: Bed): Promise<void> {
  return compile(bed, 'first-answer');
}

export function compileFirstByte(bed: Bed): Promise<void> {
  return compile(bed, 'first-byte');
}

/** One request on one new connection, from within the bed. */
export async function measureFirstByte(bed: Bed, port: number, path: string): Promise<Measured> {
  const argv = [programPath('first-byte'), '127.0.0.1', `${port}`, path];
  const { status, stdout, stderr } = await bed.run(argv, { timeoutMs });
  if (status !== 0) throw new Error(`no answer from port ${port}: ${stderr}`);
  const head = /^HTTP\/1\.\d (\d{3})/.exec(stdout);
  if (head === null) throw new Error(`port ${port} did not answer with HTTP: '${stdout.slice(0, 80)}'`);
  const [connectedUs = NaN, firstByteUs = NaN] = stderr.trim().split(' ').map(Number);
  return {
    connectedUs,
    firstByteMs: firstByteUs / 1000,
    status: Number(head[1]),
    body: stdout.slice(stdout.indexOf('\r\n\r\n') + 4),
  };
}

/** Runs `command` in the bed, under `runner`, and asks on new connections meanwhile until an answer holds `wanted`. */
export async function measureFirstAnswer(
  bed: Bed,
  { port, path, wanted }: { readonly port: number; readonly path: string; readonly wanted: string },
  command: readonly string[],
  runner: readonly string[] = [],
): Promise<FirstAnswer> {
  const argv = [...runner, programPath('first-answer'), '127.0.0.1', `${port}`, path, wanted, ...command];
  const { status, stdout, stderr } = await bed.run(argv, { timeoutMs });
  if (status !== 0) throw new Error(`no answer with '${wanted}' from port ${port}: ${stderr}`);
  const [answeredUs = NaN, commandUs = NaN, refused = NaN, lost = NaN] = stdout.trim().split(' ').map(Number);
  return { answeredMs: answeredUs / 1000, commandMs: commandUs / 1000, refused, lost };
}
