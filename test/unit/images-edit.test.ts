// The edit of a dump's files in place, on a folder of small images made here.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { editImages } from '../../activator/images/edit-images.js';
import { writeImage, type ImageFile } from '../../activator/images/image-file.js';
import { fdType, fileEntry, regFile } from '../../activator/images/schema.js';
import { bytesField, encodeMessage, uintField } from '../../activator/images/wire.js';

async function dump(context: TestContext, images: Readonly<Record<string, ImageFile>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'grenadine-images-'));
  context.after(() => rm(folder, { recursive: true }));
  for (const [name, image] of Object.entries(images)) await writeFile(join(folder, name), writeImage(image));
  await writeFile(join(folder, 'pages-1.img'), Buffer.alloc(8192));
  await writeFile(join(folder, 'pipes-data.img'), 'raw bytes that are no messages');
  return folder;
}

const log = encodeMessage([
  uintField(regFile.id, 1),
  uintField(regFile.flags, 2),
  bytesField(regFile.name, Buffer.from('/srv/log')),
  uintField(regFile.size, 100),
]);
const files: ImageFile = {
  kind: 'files',
  entries: [
    [uintField(fileEntry.type, fdType.REG), uintField(fileEntry.id, 1), bytesField(fileEntry.reg, log)],
  ],
};
const pstree: ImageFile = { kind: 'pstree', entries: [[uintField(1, 2), uintField(2, 0)]] };

test('an edit changes what it must, leaves every other file alone and nothing behind', async (context) => {
  const folder = await dump(context, {
    'files.img': files,
    'pstree.img': pstree,
    'fdinfo-2.img': { kind: 'fdinfo', entries: [] },
  });
  const before = await readFile(join(folder, 'pstree.img'));
  const names = await readdir(folder);
  const facts = await editImages(folder, [], undefined);
  assert.deepEqual([facts.loosened, facts.pagesBytes, facts.rootPid], [['/srv/log'], 8192, 2]);
  assert.deepEqual(await readdir(folder), names);
  assert.deepEqual(await readFile(join(folder, 'pstree.img')), before);
  assert.equal(await readFile(join(folder, 'pipes-data.img'), 'utf8'), 'raw bytes that are no messages');
  assert.ok((await readFile(join(folder, 'files.img'))).length < writeImage(files).length);
});

test('an edit that fails changes nothing', async (context) => {
  const folder = await dump(context, { 'files.img': files, 'pstree.img': pstree });
  await writeFile(join(folder, 'fdinfo-2.img'), 'not an image at all');
  await assert.rejects(editImages(folder, [], undefined), { code: 'image-magic' });
  assert.deepEqual(await readFile(join(folder, 'files.img')), Buffer.from(writeImage(files)));
});
