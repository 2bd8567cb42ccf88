// The mapping of a dump's memory in place, on a folder of small images made here: what it leaves on disk, and its undoing.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { writeImage, type ImageFile } from '../../activator/images/image-file.js';
import { mapImages } from '../../activator/images/map-images.js';
import { mm, pagemapEntry, pagemapHead, vma } from '../../activator/images/schema.js';
import { memoryFileTailBytes } from '../../activator/store/memory-file.js';
import { bytesField, encodeMessage, uintField, type Message } from '../../activator/images/wire.js';

const page = 4096;

/** An entry of the pagemap and the area around it. */
const stretch = (from: number, pages: number): { readonly area: Message; readonly entry: Message } => ({
  area: [
    uintField(vma.start, from * page),
    uintField(vma.end, (from + pages + 1) * page),
    uintField(vma.flags, 0x22),
    uintField(vma.status, 0x201),
  ],
  entry: [
    uintField(pagemapEntry.vaddr, from * page),
    uintField(pagemapEntry.nr_pages, pages),
    uintField(pagemapEntry.flags, 4),
  ],
});

/** Two pages, twenty, three: each filled with its number in the image, so that the first is zeros. */
async function dump(context: TestContext): Promise<{ readonly images: string; readonly aside: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'grenadine-map-'));
  context.after(() => rm(folder, { recursive: true }));
  const images = join(folder, 'criu');
  await mkdir(images);
  const stretches = [stretch(16, 2), stretch(32, 20), stretch(64, 3)];
  const memory = stretches.map(({ area }) => bytesField(mm.vmas, encodeMessage(area)));
  const written: Readonly<Record<string, ImageFile>> = {
    'files.img': { kind: 'files', entries: [] },
    'mm-2.img': { kind: 'mm', entries: [memory] },
    'pagemap-2.img': {
      kind: 'pagemap',
      entries: [[uintField(pagemapHead.pages_id, 1)], ...stretches.map(({ entry }) => entry)],
    },
  };
  for (const [name, image] of Object.entries(written)) await writeFile(join(images, name), writeImage(image));
  await writeFile(join(images, 'pages-1.img'), pagesOf(0, 25), { mode: 0o644 });
  return { images, aside: join(folder, 'copied') };
}

function pagesOf(from: number, to: number): Buffer {
  return Buffer.concat(Array.from({ length: to - from }, (_, index) => Buffer.alloc(page, from + index)));
}

async function firstBytes(path: string, bytes: number): Promise<Buffer> {
  const file = await open(path);
  try {
    return (await file.read(Buffer.alloc(bytes), 0, bytes, 0)).buffer;
  } finally {
    await file.close();
  }
}

async function snapshotOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder)).sort();
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')] as const),
    ),
  );
}

test('mapped memory lies in a file of its own, closed to others, and what is copied in the pages image', async (context) => {
  const { images, aside } = await dump(context);
  const mapped = await mapImages(images, aside, { takesUninherited: false });
  await mapped.keep();
  assert.equal(mapped.bytes, 20 * page);
  const file = (await readdir(images)).find((name) => name.startsWith('mapped-')) ?? '';
  assert.match(file, /^mapped-[0-9a-f]{16}-1\.img$/);
  const { size, mode, blocks } = await stat(join(images, file));
  assert.deepEqual([size, mode & 0o777], [25 * page + memoryFileTailBytes, 0o600]);
  assert.ok(blocks * 512 < 50 * page, 'the tail is a hole');
  assert.deepEqual(await firstBytes(join(images, file), 25 * page), pagesOf(0, 25));
  assert.deepEqual(
    await readFile(join(images, 'pages-1.img')),
    Buffer.concat([pagesOf(1, 2), pagesOf(22, 25)]),
  );
  await assert.rejects(stat(aside), { code: 'ENOENT' });
});

test('what was mapped can be taken back whole', async (context) => {
  const { images, aside } = await dump(context);
  const before = await snapshotOf(images);
  const mapped = await mapImages(images, aside, { takesUninherited: false });
  assert.notDeepEqual(await readdir(images), [...before.keys()]);
  await mapped.undo();
  assert.deepEqual(await snapshotOf(images), before);
  await assert.rejects(stat(aside), { code: 'ENOENT' });
});

test('images that cannot be mapped stay as they are', async (context) => {
  const { images, aside } = await dump(context);
  await writeFile(join(images, 'pages-1.img'), pagesOf(0, 1));
  const before = await snapshotOf(images);
  await assert.rejects(mapImages(images, aside, { takesUninherited: false }), { code: 'image-truncated' });
  assert.deepEqual(await snapshotOf(images), before);
});

test('no two mappings give a file the same name', async (context) => {
  const names: string[] = [];
  for (let time = 0; time < 2; time += 1) {
    const { images, aside } = await dump(context);
    await mapImages(images, aside, { takesUninherited: false });
    names.push(...(await readdir(images)).filter((name) => name.startsWith('mapped-')));
  }
  assert.equal(new Set(names).size, 2);
});
