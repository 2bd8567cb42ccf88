// What is found in the place of criu: small programs that stand in for it.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Criu } from '../../activator/host/criu.js';
import { hostFingerprint } from '../../activator/host/fingerprint.js';
import { runCommand } from '../../activator/run-command.js';

let root = '';
let path = '';
let elsewhere = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'grenadine-fingerprint-'));
  path = join(root, 'criu');
  elsewhere = join(root, 'built-criu');
});
afterEach(() => rm(root, { recursive: true }));

async function found(): Promise<Criu> {
  return (await hostFingerprint(runCommand, [path, elsewhere])).criu;
}

function install(script: string): Promise<void> {
  return writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

test('a CRIU that is not there is missing', async () => {
  assert.deepEqual(await found(), { kind: 'missing', path });
});

test('a CRIU that fails, says no version, or is no program is broken', async () => {
  for (const script of ['echo Version: 4.2.1; exit 1', 'echo CRIU', 'kill -KILL $$']) {
    await install(script);
    assert.deepEqual(await found(), { kind: 'broken', path }, script);
  }
  await rm(path);
  await writeFile(path, 'Version: 4.2.1\n', { mode: 0o644 });
  assert.deepEqual(await found(), { kind: 'broken', path });
});

test('a CRIU that somebody has built is found where no package has one', async () => {
  await writeFile(elsewhere, '#!/bin/sh\necho Version: 4.2\n', { mode: 0o755 });
  const built = await found();
  assert.equal(built.kind === 'present' && built.identity.path, elsewhere);
  await install('echo Version: 4.3');
  const packaged = await found();
  assert.equal(packaged.kind === 'present' && packaged.identity.path, path);
});

test('a CRIU before 4.2 is too old, however well it runs', async () => {
  await install('echo Version: 3.17.1');
  assert.deepEqual(await found(), { kind: 'too-old', path, version: '3.17.1' });
});

test('any other is present, and known by its size and time', async () => {
  await install('echo Version: 4.2; echo GitID: v4.2');
  const criu = await found();
  assert.ok(criu.kind === 'present');
  assert.deepEqual([criu.identity.path, criu.identity.version], [path, '4.2']);
  assert.equal(criu.identity.size, '#!/bin/sh\necho Version: 4.2; echo GitID: v4.2\n'.length);
});
