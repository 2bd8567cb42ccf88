// A protobuf message as the ordered list of its raw fields, so that unknown fields, order and odd encodings survive an
// edit byte for byte. Knows no message type and no file: schema.ts has the numbers, image-file.ts the framing.

import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { GrenadineError } from '../../generator/config/error.js';

export interface RawField {
  readonly number: number;
  readonly wire: WireType;
  /** Tag and value as they stood in the file. */
  readonly raw: Uint8Array;
  /** The value alone: a varint's or fixed number's bytes, or a length-delimited field's content without its length. */
  readonly value: Uint8Array;
}

export type Message = readonly RawField[];

/** A 64-bit varint takes ten bytes at most; a longer one is no number. */
const maxVarintBytes = 10;

/** The fields of one message in their order; `image-wire` when `bytes` is no protobuf message. */
export function decodeMessage(bytes: Uint8Array): Message {
  const reader = new BinaryReader(bytes);
  const fields: RawField[] = [];
  try {
    while (reader.pos < reader.len) fields.push(readField(reader, bytes));
  } catch (cause) {
    throw new GrenadineError('image-wire', `not a protobuf message: ${String(cause)}`, { cause });
  }
  return fields;
}

function readField(reader: BinaryReader, bytes: Uint8Array): RawField {
  const start = reader.pos;
  const [number, wire] = reader.tag();
  const valueStart = reader.pos;
  const skipped = reader.skip(wire, number);
  if (wire === WireType.Varint && skipped.length > maxVarintBytes)
    throw new Error(`varint too long in field ${number}`);
  const value =
    wire === WireType.LengthDelimited ? skipLengthPrefix(skipped) : bytes.subarray(valueStart, reader.pos);
  return { number, wire, raw: bytes.subarray(start, reader.pos), value };
}

function skipLengthPrefix(prefixed: Uint8Array): Uint8Array {
  const prefix = new BinaryReader(prefixed);
  prefix.uint32();
  return prefixed.subarray(prefix.pos);
}

/** The exact inverse of decodeMessage. */
export function encodeMessage(message: Message): Uint8Array {
  return concatBytes(message.map((field) => field.raw));
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function uintField(number: number, value: number | bigint): RawField {
  return decodeOne(new BinaryWriter().tag(number, WireType.Varint).uint64(value).finish());
}

export function bytesField(number: number, value: Uint8Array): RawField {
  return decodeOne(new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(value).finish());
}

function decodeOne(bytes: Uint8Array): RawField {
  return readField(new BinaryReader(bytes), bytes);
}

/** The field that counts: protobuf lets the last one of a repeated singular field win. */
export function getField(message: Message, number: number): RawField | undefined {
  return message.findLast((field) => field.number === number);
}

export function getUint64(message: Message, number: number): bigint | undefined {
  const field = getField(message, number);
  return field?.wire === WireType.Varint ? varint(new BinaryReader(field.value)) : undefined;
}

/** A number of at most 53 bits; `image-wire` when it is larger. */
export function getUint(message: Message, number: number): number | undefined {
  const value = getUint64(message, number);
  return value === undefined ? undefined : exact(value, number);
}

function exact(value: bigint, number: number): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new GrenadineError('image-wire', `field ${number} is out of range: ${value}`);
  return Number(value);
}

/** All values of a repeated number, packed or not; the same range. */
export function getUints(message: Message, number: number): readonly number[] {
  return message.filter((field) => field.number === number).flatMap(numbersOf);
}

function numbersOf(field: RawField): readonly number[] {
  if (field.wire !== WireType.Varint && field.wire !== WireType.LengthDelimited) return [];
  const reader = new BinaryReader(field.value);
  const values: number[] = [];
  while (reader.pos < reader.len) values.push(exact(varint(reader), field.number));
  return values;
}

function varint(reader: BinaryReader): bigint {
  try {
    return BigInt(reader.uint64());
  } catch (cause) {
    throw new GrenadineError('image-wire', `not a number: ${String(cause)}`, { cause });
  }
}

export function getBytes(message: Message, number: number): Uint8Array | undefined {
  const field = getField(message, number);
  return field?.wire === WireType.LengthDelimited ? field.value : undefined;
}

export function getText(message: Message, number: number): string | undefined {
  const bytes = getBytes(message, number);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

export function getMessage(message: Message, number: number): Message | undefined {
  const bytes = getBytes(message, number);
  return bytes === undefined ? undefined : decodeMessage(bytes);
}

export function getMessages(message: Message, number: number): readonly Message[] {
  return message
    .filter((field) => field.number === number && field.wire === WireType.LengthDelimited)
    .map((field) => decodeMessage(field.value));
}

/** Puts `field` where the first field of its number stands and drops the others of that number; appends when there is none. */
function setField(message: Message, field: RawField): Message {
  const first = message.findIndex((old) => old.number === field.number);
  if (first < 0) return [...message, field];
  return message.flatMap((old, at) => (at === first ? [field] : old.number === field.number ? [] : [old]));
}

export function setUint(message: Message, number: number, value: number | bigint): Message {
  return setField(message, uintField(number, value));
}

export function setBytes(message: Message, number: number, value: Uint8Array): Message {
  return setField(message, bytesField(number, value));
}

export function setMessage(message: Message, number: number, value: Message): Message {
  return setBytes(message, number, encodeMessage(value));
}

export function removeFields(message: Message, ...numbers: readonly number[]): Message {
  return message.filter((field) => !numbers.includes(field.number));
}
