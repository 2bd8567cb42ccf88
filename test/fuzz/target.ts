/** What can be fuzzed: something that reads what others wrote, and a rule for how it may fail. */
import { GrenadineError } from '../../generator/config/error.js';
import { mutate } from './mutate.js';
import { randomFrom, type Random } from './random.js';

export interface Target<Input> {
  readonly name: string;
  readonly make: (random: Random) => Input;
  /** Reads it; throws an error of `codes`, or any other, which is a finding. */
  readonly read: (input: Input) => void;
  /** With which codes it may refuse. */
  readonly codes: readonly string[];
  /** What a finding leaves on the disk. */
  readonly show: (input: Input) => Uint8Array;
}

/** A target that no longer says what it reads. */
export interface AnyTarget {
  readonly name: string;
  readonly run: (options: RunOptions) => Figures;
}

export interface RunOptions {
  readonly seed: number;
  readonly isOver: (runs: number) => boolean;
}

export interface Figures {
  readonly runs: number;
  readonly refused: number;
  readonly slowestMs: number;
  /** The first that failed in a way it must not, or took too long. */
  readonly finding: { readonly input: Uint8Array; readonly error: unknown } | undefined;
}

/** Of the processor's time, whoever else has it. An input takes milliseconds; a second is a way to keep us busy. */
const longestMs = 1000;

export function target<Input>({ name, make, read, codes, show }: Target<Input>): AnyTarget {
  const isRefusal = (error: unknown): boolean =>
    error instanceof GrenadineError && codes.includes(error.code);
  const run = ({ seed, isOver }: RunOptions): Figures => {
    const random = randomFrom(seed);
    const figures = { runs: 0, refused: 0, slowestMs: 0 };
    while (!isOver(figures.runs)) {
      const input = make(random);
      const began = process.cpuUsage();
      try {
        read(input);
      } catch (error) {
        if (!isRefusal(error)) return { ...figures, finding: { input: show(input), error } };
        figures.refused += 1;
      }
      const { user, system } = process.cpuUsage(began);
      const tookMs = (user + system) / 1000;
      figures.runs += 1;
      figures.slowestMs = Math.max(figures.slowestMs, tookMs);
      if (tookMs > longestMs)
        return { ...figures, finding: { input: show(input), error: new Error(`it took ${tookMs} ms`) } };
    }
    return { ...figures, finding: undefined };
  };
  return { name, run };
}

/** One whose input is bytes, made of seeds. */
export function bytesTarget(
  name: string,
  seeds: readonly Uint8Array[],
  words: readonly string[],
  codes: readonly string[],
  read: (bytes: Buffer) => void,
): AnyTarget {
  return target<Buffer>({
    name,
    codes,
    read,
    make: (random) => mutate(random.pick(seeds) ?? new Uint8Array(), random, words),
    show: (bytes) => bytes,
  });
}
