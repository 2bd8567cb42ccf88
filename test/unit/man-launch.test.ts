// Holds grenadine-launch(8) to the launcher's sources, and grenadine(1) to the command's: options and exit statuses.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { exitStatus } from '../../activator/cli/exit-status.js';
import { usage } from '../../activator/cli/usage.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** The items of a page's EXIT STATUS section. */
function documentedStatuses(page: string): readonly number[] {
  const section = /^\.Sh EXIT STATUS$([\s\S]*?)^\.Sh /m.exec(read(page))?.[1] ?? '';
  return [...section.matchAll(/^\.It (\d+)$/gm)].map(([, status]) => Number(status));
}

/** Long options that stand as items of their own. */
function documentedOptions(page: string): readonly string[] {
  const items = read(page)
    .split('\n')
    .filter((line) => line.startsWith('.It Fl '))
    .join('\n');
  return [
    ...new Set([...items.matchAll(/ -([a-z]+(?:-[a-z]+)*)\b/g)].flatMap(([, name]) => name ?? [])),
  ].sort();
}

test('grenadine-launch(8) lists every exit status of native/exit-status.h, and no other', () => {
  const real = [...read('native/exit-status.h').matchAll(/EXIT_STATUS_\w+ = (\d+),/g)].map(([, value]) =>
    Number(value),
  );
  assert.deepEqual(documentedStatuses('man/grenadine-launch.8'), real);
});

test('grenadine-launch(8) lists every option of native/options.c, and no other', () => {
  const real = [...read('native/options.c').matchAll(/\{"([a-z-]+)", \w+_argument/g)].map(([, name]) => name);
  assert.deepEqual(documentedOptions('man/grenadine-launch.8'), real.sort());
});

test('grenadine(1) lists every exit status of the command, and no other', () => {
  assert.deepEqual(documentedStatuses('man/grenadine.1'), Object.values(exitStatus));
});

test('grenadine(1) describes every command of the usage text, and no other', () => {
  const real = [...usage.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
  const synopsis = read('man/grenadine.1').split('.Sh DESCRIPTION')[0] ?? '';
  assert.deepEqual([...synopsis.matchAll(/^\.Cm (\w+)$/gm)].map(([, name]) => name).sort(), real.sort());
});

test('grenadine(1) lists every long option of the usage text', () => {
  const documented = documentedOptions('man/grenadine.1');
  const real = [...usage.matchAll(/--([a-z][a-z-]*)/g)].flatMap(([, name]) => name ?? []);
  assert.deepEqual(
    [...new Set(real)].filter((name) => !documented.includes(name)),
    [],
  );
});
