// What becomes of seccomp filters in the images of a dump.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageFile } from '../../activator/images/image-file.js';
import { quietFilters } from '../../activator/images/quiet-filters.js';
import { bytesField, encodeMessage, uintField, type Message } from '../../activator/images/wire.js';

const [USER_NOTIF, ALLOW, ERRNO] = [0x7fc00000, 0x7fff0000, 0x00050026];
const [LOAD, RETURN] = [0x20, 0x06];

function program(...instructions: readonly (readonly [code: number, k: number])[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * 8);
  const view = new DataView(bytes.buffer);
  instructions.forEach(([code, k], index) => {
    view.setUint16(index * 8, code, true);
    view.setUint32(index * 8 + 4, k, true);
  });
  return bytes;
}

function image(...programs: readonly Uint8Array[]): ImageFile {
  const filters = programs.map((bytes): Message => [bytesField(1, bytes), uintField(3, 1)]);
  const entry = filters.map((filter) => bytesField(1, encodeMessage(filter)));
  return { kind: 'seccomp', entries: [entry] };
}

test('a question that nobody would answer becomes a permission, in every filter', () => {
  const asked = program([LOAD, 0], [RETURN, ERRNO], [RETURN, USER_NOTIF], [RETURN, ALLOW]);
  const quiet = program([LOAD, 0], [RETURN, ERRNO], [RETURN, ALLOW], [RETURN, ALLOW]);
  assert.deepEqual(quietFilters(image(asked, asked)), image(quiet, quiet));
});

test('what is no such return stays as it is, and so does what is given', () => {
  const other = program([LOAD, USER_NOTIF], [RETURN, ERRNO], [RETURN, ALLOW]);
  assert.deepEqual(quietFilters(image(other)), image(other));
  const asked = image(program([RETURN, USER_NOTIF]));
  quietFilters(asked);
  assert.deepEqual(asked, image(program([RETURN, USER_NOTIF])));
});
