// Holds what is generated to the trees under golden/: the name of each is its rule. UPDATE_GOLDEN=1 writes them anew.
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { generate } from '../../generator/generate.js';

const golden = join(import.meta.dirname, '../../../test/unit/golden');

for (const name of readdirSync(golden)) {
  test(`golden: ${name.replaceAll('-', ' ')}`, (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'grenadine-golden-'));
    t.after(() => {
      rmSync(directory, { recursive: true });
    });
    const messages: string[] = [];
    const log = {
      write: (level: string, message: string) => void messages.push(`${level}: ${message}\n`),
      close: () => undefined,
    };
    assert.ok(generate(join(golden, name, 'root'), directory, log));

    const expected = join(golden, name);
    if (process.env['UPDATE_GOLDEN'] === '1') update(expected, directory, messages.join(''));
    assert.equal(messages.join(''), readIfThere(join(expected, 'messages')));
    assert.deepEqual(readTree(directory), readTree(join(expected, 'units')));
  });
}

function update(expected: string, units: string, messages: string): void {
  rmSync(join(expected, 'units'), { recursive: true, force: true });
  rmSync(join(expected, 'messages'), { force: true });
  if (readdirSync(units).length > 0) {
    cpSync(units, join(expected, 'units'), { recursive: true, verbatimSymlinks: true });
  }
  if (messages !== '') writeFileSync(join(expected, 'messages'), messages);
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** Files with their texts and modes, links with their targets. */
function readTree(directory: string): Readonly<Record<string, string>> {
  if (!existsSync(directory)) return {};
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((path) =>
    join(directory, path),
  );
  const entries = paths.sort().flatMap((path) => {
    const status = lstatSync(path);
    if (status.isDirectory()) return [];
    const content = status.isSymbolicLink()
      ? `-> ${readlinkSync(path)}`
      : `${(status.mode & 0o777).toString(8)} ${readFileSync(path, 'utf8')}`;
    return [[relative(directory, path), content] as const];
  });
  return Object.fromEntries(entries);
}
