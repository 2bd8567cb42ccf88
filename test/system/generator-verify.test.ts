// Every golden unit, and the units of every example, pass systemd's own check: in the bed, with the package installed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const checkout = join(import.meta.dirname, '../../..');
const golden = join(checkout, 'test/unit/golden');
const generator = '/usr/lib/systemd/system-generators/grenadine-generator';
const isInBed = process.env['GRENADINE_BED'] !== undefined;
const options = { skip: isInBed ? false : 'only in the bed' };

function verify(directory: string): void {
  const units = readdirSync(directory).filter((entry) => /\.(service|socket)$/.test(entry));
  assert.notEqual(units.length, 0);
  const args = ['verify', '--man=no', '--recursive-errors=no', ...units.map((unit) => join(directory, unit))];
  const { status, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  assert.deepEqual([stderr, status], ['', 0]);
}

for (const name of readdirSync(golden).filter((entry) => existsSync(join(golden, entry, 'units')))) {
  test(`verify: ${name.replaceAll('-', ' ')}`, options, () => {
    verify(join(golden, name, 'units'));
  });
}

test('verify: the installed generator makes sound units of every example', options, (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'grenadine-verify-'));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  const root = join(directory, 'root');
  const units = join(directory, 'units');
  mkdirSync(units);
  cpSync(join(checkout, 'units/examples'), join(root, 'etc/grenadine/apps'), { recursive: true });
  const { status, stderr } = spawnSync(generator, ['--root', root, units, units, units], {
    encoding: 'utf8',
  });
  assert.deepEqual([stderr, status], ['', 0]);
  verify(units);
});
