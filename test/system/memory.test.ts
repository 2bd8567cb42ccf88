/**
 * Mapped memory: a program that looks after every byte does, after a restore, whatever allocators and programs do with
 * memory. And the guard: what counts on zeros where the file would show through is copied.
 */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { firstConnection, install, uninstall } from './application.js';
import { bake, grenadine, jsonRow, jsonRows } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { onlyChild } from './process-tree.js';
import { mainPid, systemctl } from './systemctl.js';

const address = '127.0.0.1:5000';
const store = '/var/lib/grenadine/memory';
const preloaded = 'ExecStart=\nExecStart=/usr/bin/env LD_PRELOAD=libjemalloc.so.2 /srv/memory/memory';

/** Lines of NAME.conf beside those that were installed. */
async function configure(name: string, lines: string): Promise<void> {
  const folder = `/etc/grenadine/apps/${name}.conf.d`;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/50-test.conf`, `${lines}\n`);
  await systemctl('daemon-reload');
}

async function forget(name: string): Promise<void> {
  await rm(`/etc/grenadine/apps/${name}.conf.d`, { recursive: true, force: true });
  await uninstall(name);
}

/** Of the snapshot that the application came up from. */
async function memoryOf(name: string): Promise<readonly [kind: unknown, why: string]> {
  const { memory, 'memory-why': why } = await jsonRow('why', name);
  return [memory, String(why)];
}

async function ask(path: string): Promise<string> {
  const { body } = await fetchFrom(address, path);
  return body.trimEnd();
}

/** The answer to a first connection, to an application that came up by a restore. */
async function askRestored(path: string): Promise<string> {
  const { answer, outcome } = await firstConnection('memory', address, path);
  assert.equal(outcome.how, 'restored', outcome.detail);
  return answer.body.trimEnd();
}

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
  after(() => forget('memory'));

  test('has its memory mapped, and why and list say so', async () => {
    assert.equal(await askRestored('/whole'), 'whole');
    assert.deepEqual(await memoryOf('memory'), ['mapped', '']);
    assert.equal((await jsonRows('list', 'memory'))[0]?.['memory'], 'mapped');
    const maps = await readFile(
      `/proc/${await onlyChild(await onlyChild(await mainPid('memory')))}/maps`,
      'utf8',
    );
    assert.match(maps, / \/run\/grenadine\/memory\/mapped-/);
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
      assert.equal(await askRestored(path), 'whole');
      assert.equal(await ask('/rounds'), 'whole');
    });
  }

  test('has only zeros from calloc after it gave everything back', async () => {
    assert.equal(await askRestored('/zeros'), 'nonzero=0');
  });

  test('sees the snapshot again where it discards memory itself, which is what the guard is for', async () => {
    assert.match(await askRestored('/discard'), /^error=0 nonzero=[1-9]/);
    assert.match(await ask('/discard-lazily'), /^error=22 nonzero=[1-9]/);
    assert.equal(await ask('/whole'), 'whole');
  });

  test('lives on when its snapshot is unlinked under it', async () => {
    assert.equal(await askRestored('/whole'), 'whole');
    await rm(join(store, 'snapshots'), { recursive: true });
    assert.equal(await ask('/whole'), 'whole');
    assert.equal(await ask('/rounds'), 'whole');
    await bake('memory');
  });
});

describe('a snapshot of an application that was restored', () => {
  before(async () => {
    await install('memory', 'memory');
    await bake('memory');
  });
  after(() => forget('memory'));

  test('holds what has changed, and shares the rest with the one before, which may go', async () => {
    const [base] = [...(await memoryFiles()).keys()].filter((name) => name.startsWith('mapped-'));
    assert.equal(await askRestored('/whole'), 'whole');
    assert.equal((await grenadine('dump', 'memory')).status, 0);
    const files = await memoryFiles();
    const own = [...files].filter(([, { links }]) => links === 1);
    assert.equal(files.get(base ?? '')?.links, 2);
    assert.ok(
      own.reduce((sum, [, { bytes }]) => sum + bytes, 0) < (files.get(base ?? '')?.bytes ?? 0) / 4,
      JSON.stringify([...files]),
    );
    assert.equal(await askRestored('/whole'), 'whole');
    assert.equal((await grenadine('remove', 'memory', '2')).status, 0);
    assert.equal(await askRestored('/rounds'), 'whole');
  });

  test('can be made again and again', async () => {
    for (let generation = 0; generation < 3; generation += 1) {
      assert.equal(await askRestored('/rounds'), 'whole');
      assert.equal((await grenadine('dump', 'memory')).status, 0);
    }
    assert.equal(await askRestored('/rounds'), 'whole');
    assert.deepEqual(await memoryOf('memory'), ['mapped', '']);
  });
});

describe('the memory of a program', () => {
  beforeEach(() => install('memory', 'memory'));
  afterEach(() => forget('memory'));

  test('on jemalloc is copied, and jemalloc is named', async () => {
    await configure('memory', `[Application]\n${preloaded}`);
    await bake('memory');
    assert.equal(await askRestored('/zeros'), 'nonzero=0');
    assert.equal(await ask('/rounds'), 'whole');
    const [kind, why] = await memoryOf('memory');
    assert.equal(kind, 'copied');
    assert.match(why, /\/libjemalloc\.so\.2'/);
  });

  test('on jemalloc would be wrong if it were mapped', async () => {
    await configure('memory', `[Application]\n${preloaded}\n[Snapshot]\nMemory=mapped`);
    await bake('memory');
    assert.match(await askRestored('/zeros'), /^calloc\(\) gave \d+ bytes that are not zero$/);
  });

  test('is copied with Memory=copied', async () => {
    await configure('memory', '[Snapshot]\nMemory=copied');
    await bake('memory');
    assert.equal(await askRestored('/discard'), 'whole');
    assert.deepEqual(await memoryOf('memory'), ['copied', 'Memory=copied']);
  });

  test('is copied after all when the proof fails with mapped memory', async () => {
    await configure('memory', '[Warmup]\nReadyPath=/discard\nReadyTimeoutSec=5\n[Snapshot]\nMemory=mapped');
    await bake('memory');
    assert.equal(await askRestored('/discard'), 'whole');
    const [kind, why] = await memoryOf('memory');
    assert.equal(kind, 'copied');
    assert.match(why, /GET \/discard/);
  });
});

describe('a Node program', () => {
  beforeEach(() => install('node', 'node'));
  afterEach(() => forget('node'));

  const nonzero = async (): Promise<unknown> => {
    const { answer, outcome } = await firstConnection('node', '127.0.0.1:4000', '/shrink');
    assert.equal(outcome.how, 'restored', outcome.detail);
    return JSON.parse(answer.body);
  };

  test('has malloc’s memory mapped, and what V8 counts on zeros in copied', async () => {
    await bake('node');
    assert.deepEqual(await nonzero(), { nonzero: 0 });
    assert.deepEqual(await memoryOf('node'), ['mapped', '']);
    for (let request = 0; request < 300; request += 1)
      assert.equal((await fetchFrom('127.0.0.1:4000', '/')).status, 200);
  });

  test('has a buffer that is not zero where it grew if all of it is mapped', async () => {
    await configure('node', '[Snapshot]\nMemory=mapped');
    await bake('node');
    assert.deepEqual(await nonzero(), { nonzero: 1 << 20 });
  });
});

describe('a Rails application', () => {
  beforeEach(() => install('rails', 'rails'));
  afterEach(async () => {
    await forget('rails');
    // Each deployment counts, and the tests of Rails itself begin with the first.
    await rm('/srv/rails', { recursive: true });
  });

  const articles = async (): Promise<void> => {
    const { answer, outcome } = await firstConnection('rails', '127.0.0.1:3000', '/articles');
    assert.equal(outcome.how, 'restored', outcome.detail);
    assert.match(answer.body, /25 articles/);
    for (let request = 0; request < 200; request += 1) {
      const { status, body } = await fetchFrom('127.0.0.1:3000', '/articles');
      assert.ok(status === 200 && body.includes('25 articles'), `request ${request}: ${status}`);
    }
  };

  test('has its memory mapped and answers hundreds of requests right', async () => {
    await bake('rails');
    await articles();
    assert.deepEqual(await memoryOf('rails'), ['mapped', '']);
  });

  test('with jemalloc preloaded has it copied', async () => {
    await configure('rails', '[Application]\nEnvironment=LD_PRELOAD=libjemalloc.so.2');
    await bake('rails');
    await articles();
    const [kind, why] = await memoryOf('rails');
    assert.equal(kind, 'copied');
    assert.match(why, /\/libjemalloc\.so\.2'/);
  });
});
