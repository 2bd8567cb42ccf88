// The watch on real directories, through the real chokidar: what is noticed, how often, and what it costs.

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { later } from '../../activator/later.js';
import { openReleaseWatch, type ReleaseWatch } from '../../activator/release/watch.js';

const settleMs = 300;
const deadlineMs = 5000;

let root = '';
let path = '';
let watch: ReleaseWatch;
/** Every release that counted, in order. */
let settled: string[] = [];
let seen: string[] = [];
const news = new EventEmitter();

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'grenadine-watch-'));
  path = join(root, 'app/current');
  for (const release of ['1', '2', '3'])
    await mkdir(join(root, 'app/releases', release, 'tmp'), { recursive: true });
  settled = [];
  seen = [];
  watch = openReleaseWatch({
    nowMs: () => performance.now(),
    later,
    warn: (message) => {
      throw new Error(message);
    },
    seen: (_, { id }) => {
      seen.push(id);
      news.emit('seen');
    },
    settled: (_, { id }) => {
      settled.push(id);
      news.emit('settled');
    },
  });
});
afterEach(async () => {
  await watch.close();
  await rm(root, { recursive: true });
});

async function configure(trigger?: string): Promise<void> {
  await watch.configure(new Map([['web', { path, trigger, settleMs }]]));
}

/** As deployment tools do it: a new link, renamed over the old one. */
async function flip(release: string): Promise<void> {
  await symlink(`releases/${release}`, `${path}.new`);
  await rename(`${path}.new`, path);
}

/** Until the last release that counted is `id`. */
async function until(id: string, list: () => readonly string[] = () => settled): Promise<void> {
  const signal = AbortSignal.timeout(deadlineMs);
  const event = list() === seen ? 'seen' : 'settled';
  while (list().at(-1) !== id) {
    await once(news, event, { signal }).catch(() => {
      throw new Error(`'${id}' was not noticed; settled: ${settled.join(' ')}; seen: ${seen.join(' ')}`);
    });
  }
}

/** How many inotify watches this process has. */
async function inotifyWatches(): Promise<number> {
  const files = await readdir('/proc/self/fdinfo');
  const texts = await Promise.all(
    files.map((fd) => readFile(`/proc/self/fdinfo/${fd}`, 'utf8').catch(() => '')),
  );
  return texts.join('\n').match(/^inotify wd:/gm)?.length ?? 0;
}

describe('of a link that deployments flip', () => {
  beforeEach(async () => {
    await flip('1');
    await configure();
  });

  test('a flip is seen, and counts a moment later', async () => {
    await flip('2');
    await until('2', () => seen);
    assert.deepEqual(settled, []);
    assert.equal(watch.isSettled('web'), false);
    await until('2');
    assert.equal(watch.isSettled('web'), true);
  });

  test('five flips in a row count once, as the last', async () => {
    for (const release of ['2', '3', '2', '1', '3']) await flip(release);
    await until('3');
    assert.deepEqual(settled, ['3']);
  });

  test('its disappearance counts, and so does its return', async () => {
    await rm(path);
    await until('-');
    await flip('1');
    await until('1');
    assert.deepEqual(settled, ['-', '1']);
  });

  test('a directory above it that is moved away and replaced is noticed', async () => {
    await rename(join(root, 'app'), join(root, 'old'));
    await until('-');
    await mkdir(join(root, 'app/releases/9'), { recursive: true });
    await flip('9');
    await until('9');
    await flip('8');
    await until('-');
  });

  test('a flip that follows a replaced directory is noticed, too', async () => {
    await mkdir(join(root, 'next/releases/9'), { recursive: true });
    await mkdir(join(root, 'next/releases/10'), { recursive: true });
    await symlink('releases/9', join(root, 'next/current'));
    await rename(join(root, 'app'), join(root, 'old'));
    await rename(join(root, 'next'), join(root, 'app'));
    await until('9');
    await flip('10');
    await until('10');
  });

  test('the same configuration is watched on, another one anew, none not at all', async () => {
    await configure();
    await flip('2');
    await until('2');
    path = join(root, 'app/other');
    await configure();
    await flip('3');
    await until('3');
    await watch.configure(new Map());
    assert.equal(await inotifyWatches(), 0);
  });
});

describe('of a path that is not there yet', () => {
  test('its appearance counts, however much of the way was missing', async () => {
    path = join(root, 'a/b/c/current');
    await configure();
    await mkdir(join(root, 'a/b/c/releases/5'), { recursive: true });
    await flip('5');
    await until('5');
  });

  test('on another file system it is noticed like on any', async () => {
    const elsewhere = await mkdtemp('/dev/shm/grenadine-watch-');
    try {
      path = join(elsewhere, 'current');
      await configure();
      await mkdir(join(elsewhere, 'releases/6'), { recursive: true });
      await flip('6');
      await until('6');
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });
});

describe('of a plain directory', () => {
  beforeEach(() => {
    path = join(root, 'app/releases/1');
  });

  test('another REVISION counts', async () => {
    await writeFile(join(path, 'REVISION'), 'one\n');
    await configure();
    await writeFile(join(path, 'REVISION'), 'two\n');
    await until('two');
  });

  test('a release that is being copied does not count before its top is quiet', async () => {
    await writeFile(join(path, 'REVISION'), 'one\n');
    await configure();
    await writeFile(join(path, 'REVISION'), 'two\n');
    for (const file of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await new Promise((resolve) => setTimeout(resolve, settleMs / 2));
      await writeFile(join(path, file), '');
      assert.deepEqual(settled, []);
    }
    await until('two');
  });

  test('a touch of the trigger counts, and nothing else does', async () => {
    await writeFile(join(path, 'REVISION'), 'one\n');
    await configure('tmp/restart.txt');
    await writeFile(join(path, 'another'), '');
    await writeFile(join(path, 'tmp/restart.txt'), '');
    const touched = new Date('2026-01-02T12:00:00Z');
    await utimes(join(path, 'tmp/restart.txt'), touched, touched);
    await until('one@2026-01-02T12:00:00.000Z');
    assert.equal(settled.length, 1);
  });
});

describe('of ten thousand files', () => {
  test('none is watched, below the release or beside it', async () => {
    path = join(root, 'app/releases/1');
    await configure('tmp/restart.txt');
    await writeFile(join(path, 'tmp/restart.txt'), '');
    await once(news, 'settled', { signal: AbortSignal.timeout(deadlineMs) });
    const before = await inotifyWatches();
    for (const folder of ['node_modules/a', '.git', 'app', 'tmp', 'tmp/cache']) {
      await mkdir(join(path, folder), { recursive: true });
      for (let batch = 0; batch < 20; batch += 1) {
        const files = Array.from({ length: 100 }, (_, at) => join(path, folder, `${batch}-${at}`));
        await Promise.all(files.map((file) => writeFile(file, '')));
      }
    }
    await utimes(join(path, 'tmp/restart.txt'), 1, 1);
    await once(news, 'settled', { signal: AbortSignal.timeout(deadlineMs) });
    assert.equal(await inotifyWatches(), before);
    // One a directory on the way to the two paths, and one for the release.
    assert.ok(before > 0 && before <= dirname(path).split('/').length + 3, String(before));
  });
});
