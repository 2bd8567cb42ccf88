// The watch on real files, through the real chokidar: replaced as dpkg does it, in swarms, gone, and back.

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { serialQueue } from '../../activator/bake/serial-queue.js';
import type { ChangedFiles } from '../../activator/files/changes.js';
import { openFileWatch, type FileWatch } from '../../activator/files/watch.js';
import { later } from '../../activator/later.js';
import type { ManifestFile } from '../../activator/store/manifest.js';

const deadlineMs = 5000;

let root = '';
let watch: FileWatch;
/** Every upgrade that counted: the application, and its snapshots that had been whole. */
let settled: string[] = [];
let changed: ReadonlyMap<string, ChangedFiles> = new Map();
/** Ahead of the real clock, so that nobody waits for files to rest. */
let aheadMs = 0;
/** What is resting goes on resting; else a rest is over as soon as it has begun. */
let areRestsHeld = false;
let lastRestMs = 0;
const news = new EventEmitter();

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'grenadine-files-'));
  settled = [];
  changed = new Map();
  aheadMs = 0;
  areRestsHeld = false;
  lastRestMs = 0;
  watch = openFileWatch({
    nowMs: () => performance.now() + aheadMs,
    later: (ms, act) => {
      // Hints are gathered as ever.
      if (ms <= 1000) return later(ms, act);
      lastRestMs = ms;
      news.emit('rest');
      return later(areRestsHeld ? ms : 200, () => {
        aheadMs += ms;
        act();
      });
    },
    queue: serialQueue(),
    warn: (message) => {
      throw new Error(message);
    },
    seen: (name, now) => {
      changed = new Map([...changed, [name, now]]);
    },
    settled: (name, stale) => {
      settled.push([name, ...stale].join(' '));
      news.emit('settled');
    },
  });
});
afterEach(async () => {
  await watch.close();
  await rm(root, { recursive: true });
});

async function install(name: string, content = 'one'): Promise<string> {
  const path = join(root, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.dpkg-new`, content);
  await rename(`${path}.dpkg-new`, path);
  return path;
}

/** A snapshot that was made while these files were as they are. */
async function snapshot(id: string, ...paths: readonly string[]) {
  const files = await Promise.all(
    paths.map(async (path): Promise<ManifestFile> => {
      const { size, mtimeMs } = await stat(path);
      const mtimeSec = Math.floor(mtimeMs / 1000);
      return { path, use: 'code', size, mtimeSec, buildId: undefined, mappedEnd: size };
    }),
  );
  return { id, manifest: { files } };
}

/** stat(2) fails of its file's name, but not because there is nothing. */
function unreadable(id: string) {
  const path = join(root, 'x'.repeat(300));
  const rest = { size: 1, mtimeSec: 1, buildId: undefined, mappedEnd: 1 };
  return { id, manifest: { files: [{ path, use: 'code', ...rest } satisfies ManifestFile] } };
}

async function untilSettled(): Promise<void> {
  await once(news, 'settled', { signal: AbortSignal.timeout(deadlineMs) });
}

function kindsOf(name: string, id: string): readonly string[] {
  return (changed.get(name)?.get(id) ?? []).map(({ kind }) => kind);
}

describe('a file that a snapshot maps', () => {
  test('is noticed when another one is renamed over it, and counts once it has rested', async () => {
    const path = await install('lib/a.so');
    await watch.look('web', [await snapshot('one', path)]);
    assert.deepEqual(kindsOf('web', 'one'), []);
    await install('lib/a.so', 'another');
    await untilSettled();
    assert.deepEqual(settled, ['web one']);
    assert.deepEqual(kindsOf('web', 'one'), ['replaced']);
    assert.equal(watch.isSettled('web'), true);
  });

  test('is noticed when it is removed, and when its whole directory is', async () => {
    const paths = [await install('lib/a.so'), await install('release/b.so')];
    await watch.look('web', [await snapshot('one', ...paths.slice(0, 1)), await snapshot('two', ...paths)]);
    await rm(join(root, 'release'), { recursive: true });
    await untilSettled();
    assert.deepEqual(settled, ['web two']);
    await rm(join(root, 'lib/a.so'));
    await untilSettled();
    assert.deepEqual(settled, ['web two', 'web one']);
    assert.deepEqual(kindsOf('web', 'two'), ['gone', 'gone']);
  });

  test('is noticed when it comes back where not even its directory was left', async () => {
    const path = await install('a/b/c/d.so');
    const { atime, mtime } = await stat(path);
    const made = await snapshot('one', path);
    await rm(join(root, 'a'), { recursive: true });
    await watch.look('web', [made]);
    assert.deepEqual(kindsOf('web', 'one'), ['gone']);
    await install('a/b/c/d.so');
    await utimes(path, atime, mtime);
    await untilSettled();
    assert.deepEqual(kindsOf('web', 'one'), []);
  });

  test('is not gone while nobody can tell whether it is, and is looked for again', async () => {
    const path = await install('lib/a.so');
    const made = await snapshot('one', path);
    await watch.look('web', [made]);
    await rm(path);
    areRestsHeld = true;
    await watch.look('web', [made, unreadable('two')]);
    assert.deepEqual(kindsOf('web', 'one'), []);
    assert.equal(lastRestMs, 10_001);
    areRestsHeld = false;
    await watch.look('web', [made]);
    assert.deepEqual(kindsOf('web', 'one'), ['gone']);
  });

  test('is not vouched for when nobody could tell from the beginning', async () => {
    await watch.look('web', [unreadable('one')]);
    assert.deepEqual(kindsOf('web', 'one'), ['gone']);
  });

  test('was looked at before, when its snapshot was made from another one', async () => {
    const path = await install('lib/a.so');
    const made = await snapshot('one', path);
    await install('lib/a.so', 'another');
    await watch.look('web', [made]);
    assert.deepEqual(kindsOf('web', 'one'), ['replaced']);
    assert.equal(watch.isSettled('web'), true);
  });
});

describe('an upgrade', () => {
  test('of hundreds of files counts once for each application that maps one of them', async () => {
    const names = Array.from({ length: 300 }, (_, at) => `lib/${at % 7}/${at}.so`);
    const paths = await Promise.all(names.map((name) => install(name)));
    const other = await install('other/x.so');
    await watch.look('web', [await snapshot('one', ...paths)]);
    await watch.look('shop', [await snapshot('two', ...paths.slice(0, 1))]);
    await watch.look('idle', [await snapshot('three', other)]);
    for (const name of names) await install(name, 'another');
    await untilSettled();
    if (settled.length < 2) await untilSettled();
    assert.deepEqual(settled.toSorted(), ['shop two', 'web one']);
    assert.equal(kindsOf('web', 'one').length, 300);
    assert.deepEqual(kindsOf('idle', 'three'), []);
  });

  test('that is taken back before it has rested is none', async () => {
    const path = await install('lib/a.so');
    const { atime, mtime } = await stat(path);
    const made = await snapshot('one', path);
    await watch.look('web', [made]);
    await install('lib/a.so', 'another');
    await watch.look('web', [made]);
    assert.equal(watch.isSettled('web'), false);
    await install('lib/a.so');
    await utimes(path, atime, mtime);
    await watch.look('web', [made]);
    assert.equal(watch.isSettled('web'), true);
    assert.deepEqual(settled, ['web']);
  });

  test('rests longer than the one before, unless something else is new', async () => {
    const path = await install('lib/a.so');
    const made = await snapshot('one', path);
    await watch.look('web', [made]);
    await install('lib/a.so', 'another');
    await untilSettled();
    areRestsHeld = true;
    await install('lib/a.so', 'and another');
    await watch.look('web', [made]);
    assert.ok(lastRestMs > 15_000, String(lastRestMs));
    watch.hurry('web');
    while (lastRestMs > 5001) await once(news, 'rest', { signal: AbortSignal.timeout(deadlineMs) });
    assert.equal(watch.isSettled('web'), false);
  });

  test('does not concern an application that is no longer configured', async () => {
    const path = await install('lib/a.so');
    await watch.look('gone', [await snapshot('one', path)]);
    await watch.look('web', [await snapshot('two', path)]);
    watch.keep(['web']);
    await install('lib/a.so', 'another');
    await untilSettled();
    assert.deepEqual(settled, ['web two']);
  });
});
