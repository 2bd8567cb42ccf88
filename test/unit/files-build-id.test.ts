// The build-id in the first bytes of an ELF file, and in what only looks like one.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { buildIdIn } from '../../activator/files/build-id.js';

const id = '0123456789abcdef0123456789abcdef01234567';

function note(name: string, type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(name.length, 0);
  head.writeUInt32LE(content.length, 4);
  head.writeUInt32LE(type, 8);
  const pad = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  return Buffer.concat([head, pad(Buffer.from(name)), pad(content)]);
}

/** Headers of a 64-bit ELF file with one PT_NOTE. */
function elf(notes: Buffer): Buffer {
  const head = Buffer.alloc(64 + 56);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  head.writeBigUInt64LE(64n, 0x20);
  head.writeUInt16LE(56, 0x36);
  head.writeUInt16LE(1, 0x38);
  head.writeUInt32LE(4, 64);
  head.writeBigUInt64LE(BigInt(head.length), 64 + 8);
  head.writeBigUInt64LE(BigInt(notes.length), 64 + 32);
  return Buffer.concat([head, notes]);
}

const buildIdNote = note('GNU\0', 3, Buffer.from(id, 'hex'));

describe('the build-id', () => {
  test('is the content of its note, behind others', () => {
    const others = Buffer.concat([note('GNU\0', 1, Buffer.alloc(5)), note('Other\0', 3, Buffer.alloc(4))]);
    assert.equal(buildIdIn(elf(Buffer.concat([others, buildIdNote]))), id);
  });

  test('is found in the program that runs this test, or that has none', () => {
    const found = buildIdIn(readFileSync('/bin/sh').subarray(0, 65_536));
    assert.match(found ?? '', /^[0-9a-f]{16,64}$/);
  });

  test('of a script is none', () => {
    assert.equal(buildIdIn(Buffer.from(`#!/bin/sh\n${' '.repeat(100)}`)), undefined);
  });

  test('of a file that is cut off anywhere is none, or the whole', () => {
    const whole = elf(buildIdNote);
    for (let length = 0; length < whole.length; length += 1)
      assert.equal(buildIdIn(whole.subarray(0, length)), undefined, String(length));
  });

  test('of damaged headers does no harm', () => {
    const whole = elf(buildIdNote);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, bytes) => {
        const damaged = Buffer.from(whole);
        damaged.set(bytes.subarray(0, whole.length - at), at);
        const found = buildIdIn(damaged);
        assert(found === undefined || /^([0-9a-f]{2})*$/.test(found));
      }),
    );
  });
});
