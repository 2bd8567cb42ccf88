// Holds the MESSAGE_IDs of launcher and activator, their catalog and grenadine(7) to each other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { messageIds } from '../../activator/message-ids.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const allOf = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, found]) => found ?? '').sort();

const ofLauncher = allOf(read('native/message-ids.h'), /^#define MESSAGE_\w+ "(.*)"$/gm);
const inCode = [...ofLauncher, ...Object.values(messageIds)].sort();
const catalog = read('units/grenadine.catalog');

test('each kind of event has an id of its own, of 128 bits', () => {
  assert.equal(new Set(inCode).size, inCode.length);
  for (const id of inCode) assert.match(id, /^[0-9a-f]{32}$/);
});

test('the catalog explains each id of the code, and no other', () => {
  assert.deepEqual(allOf(catalog, /^-- (.*)$/gm), inCode);
});

test('grenadine(7) lists each id of the code, and no other', () => {
  assert.deepEqual(allOf(read('man/grenadine.7'), /^\.It Li ([0-9a-f]{32})$/gm), inCode);
});

test('the catalog says of each what it is about, by whom it is, and where more stands', () => {
  for (const entry of catalog.split(/^-- /m).slice(1))
    assert.match(
      entry,
      /^[0-9a-f]{32}\nSubject: .+\nDefined-By: Grenadine\nDocumentation: man:.+\n\n\S/,
      entry.split('\n')[1],
    );
});

test('the catalog uses no field that entries do not have', () => {
  const used = new Set(allOf(catalog, /@(\w+)@/g));
  const known = ['APPLICATION', 'HOW', 'SNAPSHOT', 'REASON', 'DETAIL'].map((name) => `GRENADINE_${name}`);
  assert.deepEqual(
    [...used].filter((field) => !known.includes(field)),
    [],
  );
});
