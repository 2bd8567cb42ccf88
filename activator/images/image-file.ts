// The framing of CRIU's image files: magics, then size-prefixed messages. Whole files only; images that carry raw bytes
// after a message (pipes-data, ghost files, sk-queues) or no framing at all (pages) are none of its business.

import { GrenadineError } from '../../generator/config/error.js';
import { headMagic, imageMagic, type ImageKind } from './schema.js';
import { concatBytes, decodeMessage, encodeMessage, type Message } from './wire.js';

export interface ImageFile {
  readonly kind: ImageKind;
  readonly entries: readonly Message[];
}

/** Decodes a whole image; `name` is for messages. Codes: `image-truncated`, `image-magic`, `image-wire`. */
export function readImage(bytes: Uint8Array, kind: ImageKind, name: string): ImageFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = expectedHead(kind);
  if (bytes.length < head.length * 4)
    throw new GrenadineError('image-truncated', `'${name}' is too short for an image`);
  head.forEach((magic, word) => {
    if (view.getUint32(word * 4, true) !== magic)
      throw new GrenadineError('image-magic', `'${name}' is no ${kind} image`);
  });
  const entries: Message[] = [];
  for (let at = head.length * 4; at < bytes.length;) {
    const size = at + 4 <= bytes.length ? view.getUint32(at, true) : Infinity;
    if (at + 4 + size > bytes.length)
      throw new GrenadineError('image-truncated', `'${name}' ends inside an entry at ${at}`);
    entries.push(decodeEntry(bytes.subarray(at + 4, at + 4 + size), name, at));
    at += 4 + size;
  }
  return { kind, entries };
}

function decodeEntry(bytes: Uint8Array, name: string, at: number): Message {
  try {
    return decodeMessage(bytes);
  } catch (cause) {
    throw new GrenadineError('image-wire', `'${name}' has a broken entry at ${at}`, { cause });
  }
}

/** The exact inverse of readImage. */
export function writeImage(image: ImageFile): Uint8Array {
  const bodies = image.entries.map(encodeMessage);
  return concatBytes([
    ...expectedHead(image.kind).map(word32),
    ...bodies.flatMap((body) => [word32(body.length), body]),
  ]);
}

/** criu/image.c, img_check_magic: every image but the inventory starts with the common magic. */
function expectedHead(kind: ImageKind): readonly number[] {
  return kind === 'inventory' ? [imageMagic[kind]] : [headMagic.common, imageMagic[kind]];
}

function word32(value: number): Uint8Array {
  const word = new Uint8Array(4);
  new DataView(word.buffer).setUint32(0, value, true);
  return word;
}
