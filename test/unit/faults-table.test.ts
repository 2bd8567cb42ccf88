// Holds test/faults.md and the faults that are tried to each other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { allFaults } from '../system/faults/all-faults.js';
import { namesIn, renderTable, sentence } from '../system/faults/render-table.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const table = readFileSync(join(root, 'test/faults.md'), 'utf8');
const faults = allFaults.flatMap(({ faults: ofGroup }) => ofGroup);

test('each fault has a name of its own', () => {
  assert.equal(new Set(faults.map(({ name }) => name)).size, faults.length);
});

test('the table has each fault that is tried, in the same order, and no other', () => {
  assert.deepEqual(
    namesIn(table),
    faults.map(({ name }) => sentence(name)),
  );
});

test('the table says of each how it is injected, and that the client was answered', () => {
  for (const { name, injected } of faults) {
    const row = table.split('\n').find((line) => line.startsWith(`| ${name} | ${injected} |`));
    assert.match(row ?? '', /was answered after \d+ ms/, name);
  }
});

test('a sighting is rendered with what was said, and what said nothing is left out', () => {
  const said = [
    ['systemctl status faulty', 'Status: "Booted cold"'],
    ['grenadine why faulty', ''],
  ] as const;
  const text = renderTable([
    { group: 'Here', name: 'it is broken', injected: 'a hammer', client: 'was answered after 5 ms', said },
  ]);
  assert.match(text, /^\| it is broken \| a hammer \| was answered after 5 ms \|$/m);
  assert.match(
    text,
    /^### It is broken\n\nBrought about by a hammer\. The client was answered after 5 ms\.\n\n```console\n\$ systemctl/m,
  );
  assert.ok(!text.includes('grenadine why'));
});
