// Which files are exposed, on real directories with other owners.

import assert from 'node:assert/strict';
import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findExposed } from '../../activator/files/exposed.js';

const isForbidden = process.env['GRENADINE_MUST_RUN'] !== undefined;
const skip = process.getuid?.() === 0 || isForbidden ? false : 'only root gives files away';
let root = '';

before(async () => {
  // Not below /tmp, where everybody may write: /run is root's.
  root = await mkdtemp('/run/grenadine-exposed-');
  await chmod(root, 0o755);
  for (const name of ['own', 'own/below', 'roots']) await mkdir(join(root, name), { recursive: true });
  for (const name of ['own/below/file', 'roots/file']) await writeFile(join(root, name), '');
  await symlink('../own/below/file', join(root, 'roots/link'));
  await symlink('../own/below', join(root, 'roots/directory'));
  await symlink('../roots', join(root, 'roots/same'));
  await chown(join(root, 'own'), 1000, 1000);
});
after(() => rm(root, { recursive: true, force: true }));

async function isExposed(path: string): Promise<boolean> {
  return (await findExposed([path])).has(path);
}

test('what is installed is not exposed, nor what the kernel shows', { skip }, async () => {
  for (const path of ['/', '/usr/bin/env', '/etc/passwd', '/proc/1/stat', '/dev/null', '/dev/none'])
    assert.equal(await isExposed(path), false, path);
});

test('one directory of a user on the way exposes all below it', { skip }, async () => {
  assert.equal(await isExposed(join(root, 'own/below/file')), true);
  assert.equal(await isExposed(join(root, 'own')), false);
  assert.equal(await isExposed(join(root, 'roots/file')), false);
});

test('a link of root’s is as exposed as what it leads to', { skip }, async () => {
  assert.equal(await isExposed(join(root, 'roots/link')), true);
  assert.equal(await isExposed(join(root, 'roots/directory/file')), true);
  assert.equal(await isExposed(join(root, 'roots/same/file')), false);
});

test('what is not there is exposed', { skip }, async () => {
  assert.equal(await isExposed(join(root, 'roots/gone')), true);
  assert.equal(await isExposed(join(root, 'gone/too')), true);
});
