// Holds org.grenadine.Activator1(5) and the interface's shape in activator/bus/api.ts to each other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { methods, signals } from '../../activator/bus/api.js';

const page = fileURLToPath(new URL('../../../man/org.grenadine.Activator1.5', import.meta.url));
const policy = fileURLToPath(new URL('../../../units/org.grenadine.Activator1.conf', import.meta.url));

/** `Name` to `in → out`, from items such as `.It Fn Dump "s name" "b stop" No \(-> s id`. */
function readDocumentedMembers(): ReadonlyMap<string, string> {
  const items = readFileSync(page, 'utf8').matchAll(
    /^\.It Fn (\w+)((?: "[^"]*")*)(?: No \\\(-> (\S+).*)?$/gm,
  );
  return new Map(
    [...items].map(([, name, parameters, result]) => {
      const types = [...(parameters ?? '').matchAll(/"(\S+) \w+"/g)].map(([, type]) => type ?? '');
      return [name ?? '', `${types.join('')} → ${result ?? ''}`];
    }),
  );
}

test('the page documents every method and signal with its signature, and no other', () => {
  const real = new Map([
    ...Object.entries(methods).map(([name, { in: input, out }]) => [name, `${input} → ${out}`] as const),
    ...Object.entries(signals).map(([name, signature]) => [name, `${signature} → `] as const),
  ]);
  const sorted = (map: ReadonlyMap<string, string>): unknown =>
    [...map].sort(([one], [other]) => (one < other ? -1 : 1));
  assert.deepEqual(sorted(readDocumentedMembers()), sorted(real));
});

test('the bus lets everybody call what only reads, and nothing else', () => {
  const forEverybody = readFileSync(policy, 'utf8').split('<policy context="default">')[1] ?? '';
  const members = [
    ...forEverybody.matchAll(/send_interface="org\.grenadine\.Activator1"\s+send_member="(\w+)"/g),
  ];
  assert.deepEqual(members.map(([, name]) => name).sort(), ['List', 'ListSnapshots', 'Status', 'Why']);
  for (const rule of forEverybody.matchAll(/<allow[^>]*>/g))
    assert.match(rule[0], /send_member=|send_interface="org\.freedesktop\.DBus\.(?:Introspectable|Peer)"/);
});
