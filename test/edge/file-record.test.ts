// What is recorded of the files of a dump, on real files: programs of this host under other names.

import assert from 'node:assert/strict';
import {
  copyFile,
  mkdtemp,
  realpath,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { buildIdAt } from '../../activator/files/build-id.js';
import { changeOf } from '../../activator/files/changes.js';
import { lookAtFiles } from '../../activator/files/look.js';
import { recordFiles } from '../../activator/files/record.js';

let root = '';
let library = '';

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'grenadine-record-')));
  library = join(root, 'liba.so.1.2.3');
  await copyFile('/bin/sh', library);
});
afterEach(() => rm(root, { recursive: true }));

/** `path` as CRIU would have dumped it now. */
async function dumped(path: string) {
  const { size } = await stat(path);
  return { path, use: 'code', size, buildId: await buildIdAt(path), mappedEnd: size } as const;
}

async function changesOf(files: Awaited<ReturnType<typeof recordFiles>>): Promise<readonly string[]> {
  const found = await lookAtFiles(files);
  return files.flatMap((file) => {
    const change = changeOf(file, found.get(file.path)?.facts);
    return change === undefined ? [] : [`${change.kind} ${change.path.slice(root.length + 1)}`];
  });
}

test('a link that leads to a library must go on leading there, one for compilers need not', async () => {
  await symlink('liba.so.1.2.3', join(root, 'liba.so.1'));
  await symlink('liba.so.1', join(root, 'liba.so'));
  const files = await recordFiles({ files: [await dumped(library)], loosened: [] });
  assert.deepEqual(
    files.map(({ path }) => path.slice(root.length + 1)),
    ['liba.so.1', 'liba.so.1.2.3'],
  );
  assert.deepEqual(await changesOf(files), []);
  await copyFile(process.execPath, join(root, 'liba.so.1.2.4'));
  await rm(join(root, 'liba.so.1'));
  await symlink('liba.so.1.2.4', join(root, 'liba.so.1'));
  assert.deepEqual(await changesOf(files), ['replaced liba.so.1']);
});

test('a library of the same build may be installed again', async () => {
  const files = await recordFiles({ files: [await dumped(library)], loosened: [] });
  await utimes(library, 1, 1);
  assert.deepEqual(await changesOf(files), []);
});

test('a library that was replaced under the processes is no longer what they run', async () => {
  const before = await dumped(library);
  await copyFile('/bin/ls', library);
  await assert.rejects(recordFiles({ files: [before], loosened: [] }), { code: 'superseded' });
});

test('data that was replaced or deleted under the processes is carried along by CRIU', async () => {
  const path = join(root, 'cache');
  await writeFile(path, 'one');
  const before = await dumped(path);
  for (const after of [() => truncate(path, 1), () => rm(path)]) {
    await after();
    assert.deepEqual(await changesOf(await recordFiles({ files: [before], loosened: [] })), []);
  }
});

test('a file that the application writes has no size to be held to', async () => {
  const path = join(root, 'database-shm');
  await writeFile(path, 'one');
  const shared = { ...(await dumped(path)), use: 'shared' } as const;
  const [file] = await recordFiles({ files: [shared], loosened: [path] });
  assert.equal(file?.size, undefined);
});

test('a file that the application writes by a mapping must not lose what it had, and needs no more', async () => {
  const index = join(root, 'db-shm');
  await writeFile(index, Buffer.alloc(5000));
  const file = { ...(await dumped(index)), use: 'shared', mappedEnd: 8192 } as const;
  const files = await recordFiles({ files: [file], loosened: [index] });
  assert.deepEqual(await changesOf(files), []);
  await truncate(index, 9000);
  assert.deepEqual(await changesOf(files), []);
  await truncate(index, 4999);
  assert.deepEqual(await changesOf(files), ['resized db-shm']);
  await rm(index);
  assert.deepEqual(await changesOf(files), ['gone db-shm']);
});
