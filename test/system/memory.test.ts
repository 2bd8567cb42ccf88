/**
 * Mapped memory: a program that looks after every byte does, after a restore, whatever allocators and programs do with
 * memory. And the guard: what counts on zeros where the file would show through is copied.
 */
import assert from 'node:assert/strict';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { configure, install, uninstall } from './application.js';
import { bake, grenadine, jsonRows } from './grenadine.js';
import { ask, askRestored, mappedBytes, memoryOf } from './memory.js';

const program = { name: 'memory', address: '127.0.0.1:5000' };
const store = '/var/lib/grenadine/memory';
const preloaded = 'ExecStart=\nExecStart=/usr/bin/env LD_PRELOAD=libjemalloc.so.2 /srv/memory/memory';

/** By name, in the snapshot that serves: bytes on disk and names that share them. */
async function memoryFiles(): Promise<
  ReadonlyMap<string, { readonly bytes: number; readonly links: number }>
> {
  const folder = join(store, 'current/criu');
  const names = (await readdir(folder)).filter((name) => /^(mapped|pages)-/.test(name));
  return new Map(
    await Promise.all(
      names.map(async (name) => {
        const { blocks, nlink } = await stat(join(folder, name));
        return [name, { bytes: blocks * 512, links: nlink }] as const;
      }),
    ),
  );
}

describe('a program on glibc’s malloc', () => {
  before(async () => {
    await install('memory', 'memory');
    await bake('memory');
  });
  after(() => uninstall('memory'));

  test('has its memory mapped, and why and list say so', async () => {
    assert.equal(await askRestored(program, '/whole'), 'whole');
    assert.deepEqual(await memoryOf('memory'), ['mapped', '']);
    assert.equal((await jsonRows('list', 'memory'))[0]?.['memory'], 'mapped');
    assert.ok((await mappedBytes(program)) > 4 << 20);
  });

  for (const [path, what] of [
    [
      '/rounds',
      'is whole after hundreds of rounds of malloc, calloc, realloc, free and malloc_trim in two arenas',
    ],
    ['/fork', 'shares it with a child, whose writes are the child’s alone'],
    ['/protect', 'protects it and opens it again, for execution, too'],
    ['/move', 'grows and shrinks a mapping that moves'],
    ['/unmap', 'unmaps some of it, and finds zeros in what it maps there instead'],
    ['/break', 'grows and shrinks its heap, and finds zeros beyond the break'],
  ] as const) {
    test(what, async () => {
      assert.equal(await askRestored(program, path), 'whole');
      assert.equal(await ask(program, '/rounds'), 'whole');
    });
  }

  test('has only zeros from calloc after it gave everything back', async () => {
    assert.equal(await askRestored(program, '/zeros'), 'nonzero=0');
  });

  test('sees the snapshot again where it discards memory itself, which is what the guard is for', async () => {
    assert.match(await askRestored(program, '/discard'), /^error=0 nonzero=[1-9]/);
    assert.match(await ask(program, '/discard-lazily'), /^error=22 nonzero=[1-9]/);
    assert.equal(await ask(program, '/whole'), 'whole');
  });

  test('lives on when its snapshot is unlinked under it', async () => {
    assert.equal(await askRestored(program, '/whole'), 'whole');
    await rm(join(store, 'snapshots'), { recursive: true });
    assert.equal(await ask(program, '/whole'), 'whole');
    assert.equal(await ask(program, '/rounds'), 'whole');
    await bake('memory');
  });
});

describe('a snapshot of an application that was restored', () => {
  before(async () => {
    await install('memory', 'memory');
    await bake('memory');
  });
  after(() => uninstall('memory'));

  test('holds what has changed, and shares the rest with the one before, which may go', async () => {
    const [base] = [...(await memoryFiles()).keys()].filter((name) => name.startsWith('mapped-'));
    assert.equal(await askRestored(program, '/whole'), 'whole');
    assert.equal((await grenadine('dump', 'memory')).status, 0);
    const files = await memoryFiles();
    const own = [...files].filter(([, { links }]) => links === 1);
    assert.equal(files.get(base ?? '')?.links, 2);
    assert.ok(
      own.reduce((sum, [, { bytes }]) => sum + bytes, 0) < (files.get(base ?? '')?.bytes ?? 0) / 4,
      JSON.stringify([...files]),
    );
    assert.equal(await askRestored(program, '/whole'), 'whole');
    assert.equal((await grenadine('remove', 'memory', '2')).status, 0);
    assert.equal(await askRestored(program, '/rounds'), 'whole');
  });

  test('can be made again and again', async () => {
    for (let generation = 0; generation < 3; generation += 1) {
      assert.equal(await askRestored(program, '/rounds'), 'whole');
      assert.equal((await grenadine('dump', 'memory')).status, 0);
    }
    assert.equal(await askRestored(program, '/rounds'), 'whole');
    assert.deepEqual(await memoryOf('memory'), ['mapped', '']);
  });
});

describe('the memory of a program', () => {
  beforeEach(() => install('memory', 'memory'));
  afterEach(() => uninstall('memory'));

  test('on jemalloc is copied, and jemalloc is named', async () => {
    await configure('memory', `[Application]\n${preloaded}`);
    await bake('memory');
    assert.equal(await askRestored(program, '/zeros'), 'nonzero=0');
    assert.equal(await ask(program, '/rounds'), 'whole');
    const [kind, why] = await memoryOf('memory');
    assert.equal(kind, 'copied');
    assert.match(why, /\/libjemalloc\.so\.2'/);
  });

  test('on jemalloc would be wrong if it were mapped', async () => {
    await configure('memory', `[Application]\n${preloaded}\n[Snapshot]\nMemory=mapped`);
    await bake('memory');
    assert.match(await askRestored(program, '/zeros'), /^calloc\(\) gave \d+ bytes that are not zero$/);
  });

  test('is copied with Memory=copied', async () => {
    await configure('memory', '[Snapshot]\nMemory=copied');
    await bake('memory');
    assert.equal(await askRestored(program, '/discard'), 'whole');
    assert.deepEqual(await memoryOf('memory'), ['copied', 'Memory=copied']);
  });

  test('is copied after all when the proof fails with mapped memory', async () => {
    await configure('memory', '[Warmup]\nReadyPath=/discard\nReadyTimeoutSec=5\n[Snapshot]\nMemory=mapped');
    await bake('memory');
    assert.equal(await askRestored(program, '/discard'), 'whole');
    const [kind, why] = await memoryOf('memory');
    assert.equal(kind, 'copied');
    assert.match(why, /GET \/discard/);
  });
});
