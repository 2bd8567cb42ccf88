/** Changes bytes a little, as damage and malice do. Pure, given its source of numbers. */
import type { Random } from './random.js';

/** Where parsers stumble: ends of ranges, what ends a text, a line or a word, and what a terminal obeys. */
const bytesOfInterest = [0x00, 0x01, 0x09, 0x0a, 0x0d, 0x1b, 0x20, 0x22, 0x25, 0x3d, 0x5b, 0x5c, 0x7f, 0x80, 0x9b, 0xff]; // prettier-ignore

type Change = (bytes: Buffer, random: Random, words: readonly string[]) => Buffer;

const splice = (bytes: Buffer, at: number, removed: number, put: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + removed)]);

const changes: readonly Change[] = [
  // A bit, a byte, a byte of interest.
  (bytes, random) => {
    const at = random.below(bytes.length);
    return splice(bytes, at, 1, Buffer.of((bytes[at] ?? 0) ^ (1 << random.below(8))));
  },
  (bytes, random) => splice(bytes, random.below(bytes.length), 1, Buffer.of(random.below(256))),
  (bytes, random) =>
    splice(
      bytes,
      random.below(bytes.length + 1),
      random.below(2),
      Buffer.of(random.pick(bytesOfInterest) ?? 0),
    ),
  // Cut off, taken out, said twice.
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random) => splice(bytes, random.below(bytes.length), 1 + random.below(16), Buffer.alloc(0)),
  (bytes, random) => {
    const from = random.below(bytes.length);
    const part = bytes.subarray(from, from + 1 + random.below(64));
    return splice(bytes, random.below(bytes.length), 0, part);
  },
  // A word that means something somewhere, or one that is far too long.
  (bytes, random, words) =>
    splice(
      bytes,
      random.below(bytes.length + 1),
      random.below(4),
      Buffer.from(random.pick(words) ?? '', 'latin1'),
    ),
  (bytes, random) =>
    splice(bytes, random.below(bytes.length), 0, Buffer.alloc(1 << random.below(12), random.below(256))),
];

/** One to eight changes. */
export function mutate(seed: Uint8Array, random: Random, words: readonly string[]): Buffer {
  let bytes = Buffer.from(seed);
  for (let left = 1 + random.below(8); left > 0; left -= 1)
    bytes = (random.pick(changes) ?? ((same) => same))(bytes, random, words) as Buffer<ArrayBuffer>;
  return bytes;
}
