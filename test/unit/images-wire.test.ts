// CRIU's image codec: whatever decodes comes back byte for byte, and an edit touches nothing but its own field.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { GrenadineError } from '../../generator/config/error.js';
import { readImage, writeImage } from '../../activator/images/image-file.js';
import {
  bytesField,
  decodeMessage,
  encodeMessage,
  getBytes,
  getUint,
  getUint64,
  getUints,
  removeFields,
  setBytes,
  setUint,
  uintField,
  type Message,
  type RawField,
} from '../../activator/images/wire.js';

const fieldNumber = fc.integer({ min: 1, max: 2 ** 29 - 1 });
const field: fc.Arbitrary<RawField> = fc.oneof(
  fc
    .tuple(fieldNumber, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
    .map(([number, value]) => uintField(number, value)),
  fc.tuple(fieldNumber, fc.uint8Array({ maxLength: 40 })).map(([number, value]) => bytesField(number, value)),
);
const message: fc.Arbitrary<Message> = fc.array(field, { maxLength: 12 });

function decodes(bytes: Uint8Array): Message | undefined {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    assert.ok(error instanceof GrenadineError && error.code === 'image-wire');
    return undefined;
  }
}

describe('a protobuf message', () => {
  test('that decodes from arbitrary bytes encodes to the same bytes, and the rest is image-wire', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const decoded = decodes(bytes);
        if (decoded !== undefined) assert.deepEqual(encodeMessage(decoded), bytes);
      }),
      { numRuns: 2000 },
    );
  });

  test('keeps every unknown field, its order and its bytes through a change of a known one', () => {
    fc.assert(
      fc.property(message, fieldNumber, fc.nat(), (original, number, value) => {
        const edited = decodeMessage(encodeMessage(setUint(original, number, value)));
        assert.equal(getUint(edited, number), value);
        assert.deepEqual(removeFields(edited, number), removeFields(original, number));
      }),
    );
  });

  test('keeps an overlong varint as it was written', () => {
    const bytes = Uint8Array.of(0x08, 0x81, 0x80, 0x00);
    assert.equal(getUint(decodeMessage(bytes), 1), 1);
    assert.deepEqual(encodeMessage(decodeMessage(bytes)), bytes);
  });

  test('lets the last of several values win', () => {
    assert.equal(getUint([uintField(1, 5), uintField(1, 6)], 1), 6);
  });

  test('changes a field where its first value stood', () => {
    const edited = setBytes(
      [uintField(1, 1), bytesField(2, Uint8Array.of(1)), uintField(3, 1)],
      2,
      Uint8Array.of(9),
    );
    assert.deepEqual(
      edited.map(({ number }) => number),
      [1, 2, 3],
    );
    assert.deepEqual(getBytes(edited, 2), Uint8Array.of(9));
  });

  test('gives 64 bits whole, and refuses to round them', () => {
    const large = [uintField(1, 2n ** 64n - 1n)];
    assert.equal(getUint64(large, 1), 2n ** 64n - 1n);
    assert.throws(() => getUint(large, 1), { code: 'image-wire' });
  });

  test('gives repeated numbers packed or not', () => {
    assert.deepEqual(getUints([uintField(1, 5), bytesField(1, Uint8Array.of(6, 0x80, 1))], 1), [5, 6, 128]);
  });
});

describe('an image file', () => {
  const head = Uint8Array.of(0x19, 0x43, 0x56, 0x54, 0x38, 0x31, 0x30, 0x56);

  test('is written back byte for byte', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (entries) => {
        const bytes = writeImage({ kind: 'files', entries });
        assert.deepEqual(bytes.subarray(0, 8), head);
        assert.deepEqual(writeImage(readImage(bytes, 'files', 'files.img')), bytes);
      }),
    );
  });

  test('of the inventory has one magic only', () => {
    const bytes = writeImage({ kind: 'inventory', entries: [] });
    assert.deepEqual(bytes, Uint8Array.of(0x16, 0x31, 0x31, 0x58));
  });

  test('of another kind is image-magic', () => {
    assert.throws(() => readImage(head, 'fdinfo', 'fdinfo-2.img'), { code: 'image-magic' });
  });

  test('that ends early is image-truncated, wherever it ends', () => {
    const bytes = writeImage({ kind: 'files', entries: [[uintField(1, 300)]] });
    for (let length = 0; length < bytes.length; length += 1) {
      if (length === head.length) continue;
      assert.throws(() => readImage(bytes.subarray(0, length), 'files', 'files.img'), {
        code: 'image-truncated',
      });
    }
  });

  test('with a size that reaches past the end is image-truncated', () => {
    const bytes = Uint8Array.of(...head, 0xff, 0xff, 0xff, 0xff, 1, 2, 3);
    assert.throws(() => readImage(bytes, 'files', 'files.img'), { code: 'image-truncated' });
  });

  test('of arbitrary bytes never fails with anything but its own codes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (tail) => {
        try {
          readImage(Uint8Array.of(...head, ...tail), 'files', 'files.img');
        } catch (error) {
          assert.ok(error instanceof GrenadineError && error.code.startsWith('image-'));
        }
      }),
    );
  });
});
