// What is recorded of the files that systemd reads for a service, and when they count as changed, on real files.

import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { changeOf } from '../../activator/files/changes.js';
import { recordEnvironment } from '../../activator/files/environment.js';
import { lookAtFiles } from '../../activator/files/look.js';
import type { ManifestFile } from '../../activator/store/manifest.js';

let root = '';
let path = '';

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'grenadine-environment-')));
  path = join(root, 'variables');
});
afterEach(() => rm(root, { recursive: true }));

/** As if systemd had read it a minute from now. */
async function recorded(): Promise<readonly ManifestFile[]> {
  return recordEnvironment([path], Date.now() + 60_000);
}

async function changeSince(files: readonly ManifestFile[]): Promise<string | undefined> {
  const [file] = files;
  assert.ok(file !== undefined);
  return changeOf(file, (await lookAtFiles(files)).get(path)?.facts)?.kind;
}

test('what holds other words was edited, of the same length and time, too', async () => {
  await writeFile(path, 'TOKEN=one\n');
  await utimes(path, 1000, 1000);
  const files = await recorded();
  assert.equal(await changeSince(files), undefined);
  await writeFile(path, 'TOKEN=two\n');
  await utimes(path, 1000, 1000);
  assert.equal(await changeSince(files), 'edited');
});

test('what was written anew with the same words has not changed', async () => {
  await writeFile(path, 'TOKEN=one\n');
  const files = await recorded();
  await rm(path);
  await writeFile(path, 'TOKEN=one\n');
  await utimes(path, 2000, 2000);
  assert.equal(await changeSince(files), undefined);
});

test('what was there must not go, and what was not must not come', async () => {
  const missing = await recorded();
  assert.equal(await changeSince(missing), undefined);
  await writeFile(path, 'TOKEN=one\n');
  assert.equal(await changeSince(missing), 'appeared');
  const present = await recorded();
  await rm(path);
  assert.equal(await changeSince(present), 'gone');
});

test('nothing is recorded of what has changed since systemd read it', async () => {
  await writeFile(path, 'TOKEN=one\n');
  await assert.rejects(recordEnvironment([path], Date.now() - 1000), { code: 'superseded' });
});

test('a file without end keeps nobody busy', async () => {
  await writeFile(path, 'TOKEN=one\n');
  await truncate(path, 2 ** 40);
  const [file] = await recorded();
  assert.match(file?.buildId ?? '', /^[0-9a-f]{64}$/);
});
