/** Damages the images of a dump: whole files, and single fields in them, so that the framing stays whole. Pure. */
import { readImage, writeImage } from '../../activator/images/image-file.js';
import { imageMagic, type ImageKind } from '../../activator/images/schema.js';
import {
  bytesField,
  decodeMessage,
  encodeMessage,
  uintField,
  type Message,
  type RawField,
} from '../../activator/images/wire.js';
import { mutate } from './mutate.js';
import type { Random } from './random.js';

/** By file name. */
export type Dump = ReadonlyMap<string, Uint8Array>;

/** undefined for what we do not read. */
export function kindOf(name: string): ImageKind | undefined {
  const stem = name.replace(/(-[0-9]+)?\.img$/, '');
  return (Object.keys(imageMagic) as ImageKind[]).find((kind) => kind === stem);
}

/** One image or two, in the file or, so that the framing stays whole, in one field of it. */
export function damage(dump: Dump, random: Random): Dump {
  const damaged = new Map(dump);
  for (let left = 1 + random.below(2); left > 0; left -= 1) {
    const name = random.pick([...dump.keys()]) ?? '';
    const bytes = damaged.get(name) ?? new Uint8Array();
    damaged.set(name, random.below(4) === 0 ? mutate(bytes, random, []) : damageField(bytes, name, random));
  }
  return damaged;
}

function damageField(bytes: Uint8Array, name: string, random: Random): Uint8Array {
  const kind = kindOf(name);
  if (kind === undefined) return bytes;
  try {
    const image = readImage(bytes, kind, name);
    const at = random.below(image.entries.length);
    const entries = image.entries.map((entry, index) =>
      index === at ? damageMessage(entry, random) : entry,
    );
    return writeImage({ ...image, entries });
  } catch {
    // An earlier damage has been to the framing.
    return bytes;
  }
}

/** Goes down into what reads as a message, most often; a number becomes another one. */
function damageMessage(message: Message, random: Random): Message {
  const at = random.below(message.length);
  const field = message[at];
  if (field === undefined) return message;
  const others = (more: Message): Message => [...message.slice(0, at), ...more, ...message.slice(at + 1)];
  switch (random.below(8)) {
    case 0:
      return others([]);
    case 1:
      return others([field, field]);
    default:
      return others([damageValue(field, random)]);
  }
}

/** Of protobuf's encoding. */
const wireType = { varint: 0, lengthDelimited: 2 } as const;

function damageValue(field: RawField, random: Random): RawField {
  const wire: number = field.wire;
  if (wire === wireType.varint) return uintField(field.number, random.pick(numbers) ?? 0n);
  if (wire !== wireType.lengthDelimited) return field;
  const inner = decoded(field.value);
  const isMessage = inner !== undefined && inner.length > 0 && random.below(8) > 0;
  return bytesField(
    field.number,
    isMessage ? encodeMessage(damageMessage(inner, random)) : mutate(orZero(field.value), random, []),
  );
}

/** Flags, small ids, and the ends of what 31, 32, 53 and 64 bits hold. */
const numbers: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 4n, 7n, 10n, 64n, 4095n, 4096n, 4097n, 0x7fffn, 0xffffn, 0x200n, 0o100000n],
  ...[2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 47n, 2n ** 53n - 1n, 2n ** 53n],
  ...[2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 4096n, 2n ** 64n - 1n],
];

/** There is something to change in it. */
function orZero(bytes: Uint8Array): Uint8Array {
  return bytes.length === 0 ? Uint8Array.of(0) : bytes;
}

function decoded(bytes: Uint8Array): Message | undefined {
  try {
    return decodeMessage(bytes);
  } catch {
    return undefined;
  }
}
