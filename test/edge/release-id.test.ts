// What a release is called, and what makes it another one, on a real file system.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { currentRelease, lookAtRelease } from '../../activator/release/release-id.js';

let root = '';
let path = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'grenadine-release-'));
});
beforeEach(async () => {
  path = join(root, 'current');
  await mkdir(join(root, 'releases/1/tmp'), { recursive: true });
});
afterEach(async () => {
  await rm(path, { recursive: true, force: true });
  await rm(join(root, 'releases'), { recursive: true });
});
after(() => rm(root, { recursive: true }));

const id = async (trigger?: string): Promise<string> => (await currentRelease({ path, trigger })).id;
const noon = new Date('2026-01-02T12:00:00.500Z');

describe('a release', () => {
  test('that a link leads to has the name of what it leads to, whatever its REVISION says', async () => {
    await writeFile(join(root, 'releases/1/REVISION'), 'abc\n');
    await symlink('releases/1', path);
    assert.equal(await id(), '1');
  });

  test('in a plain directory has the first line of REVISION as its name', async () => {
    await mkdir(path);
    await writeFile(join(path, 'REVISION'), 'abc def\nmore\n');
    assert.equal(await id(), 'abc_def');
  });

  test('in a plain directory without REVISION is another one when an entry of it came or went', async () => {
    await mkdir(path);
    const first = await id();
    assert.match(first, /^[0-9a-f]{12}$/);
    await utimes(path, noon, noon);
    assert.notEqual(await id(), first);
  });

  test('that has a trigger is another one when that is touched, and not when its directory changes', async () => {
    await mkdir(path);
    const first = await id('restart.txt');
    await utimes(path, noon, noon);
    assert.equal(await id('restart.txt'), first);
    await writeFile(join(path, 'restart.txt'), '');
    await utimes(join(path, 'restart.txt'), noon, noon);
    assert.equal(await id('restart.txt'), `${first}@2026-01-02T12:00:00.500Z`);
  });

  test('has a trigger of its own behind a link when the trigger is relative', async () => {
    await symlink('releases/1', path);
    await writeFile(join(root, 'releases/1/tmp/restart.txt'), '');
    await utimes(join(root, 'releases/1/tmp/restart.txt'), noon, noon);
    assert.equal(await id('tmp/restart.txt'), '1@2026-01-02T12:00:00.500Z');
  });

  test('may have a trigger somewhere else', async () => {
    await symlink('releases/1', path);
    const trigger = join(root, 'releases/deployed');
    assert.equal(await id(trigger), '1');
    await writeFile(trigger, '');
    await utimes(trigger, noon, noon);
    assert.equal(await id(trigger), '1@2026-01-02T12:00:00.500Z');
  });

  test('that is not there has no name', async () => {
    assert.deepEqual(await currentRelease({ path, trigger: 'restart.txt' }), {
      id: '-',
      path,
      target: undefined,
    });
  });

  // The link and what it leads to are the deployer's. Waiting for a FIFO would keep the activator from everybody.
  for (const target of ['/', '/dev/zero', '/dev/tty', '/proc/self/fd/0', '/proc/1/root', 'current'])
    test(`whose link leads to ${target} has a name that can be shown, or none`, async () => {
      await symlink(target, path);
      assert.match(await id(), /^[\x21-\x7e]{1,64}$/);
    });

  test('whose link leads to a FIFO keeps nobody waiting', async () => {
    const fifo = join(root, 'releases/1/fifo');
    await promisify(execFile)('mkfifo', [fifo]);
    await symlink(fifo, path);
    assert.equal(await id(), 'fifo');
  });

  test('whose REVISION is a FIFO, a link or a directory is one without', async () => {
    await mkdir(path);
    const revision = join(path, 'REVISION');
    const without = /^[0-9a-f]{12}$/;
    await promisify(execFile)('mkfifo', [revision]);
    assert.match(await id(), without);
    await rm(revision);
    await symlink('/etc/hostname', revision);
    assert.match(await id(), without);
    await rm(revision);
    await mkdir(revision);
    assert.match(await id(), without);
  });

  test('whose name a terminal would obey is shown without that', async () => {
    const odd = join(root, 'releases/1/a\u001b[2J\n\u009b31m');
    await mkdir(odd);
    await symlink(odd, path);
    assert.equal(await id(), 'a_[2J__31m');
  });

  test('looks different for as long as something is copied to its top', async () => {
    await mkdir(path);
    await writeFile(join(path, 'REVISION'), 'abc\n');
    const early = await lookAtRelease({ path, trigger: undefined });
    await rename(join(root, 'releases/1'), join(path, 'late'));
    await utimes(path, noon, noon);
    await mkdir(join(root, 'releases/1'), { recursive: true });
    const late = await lookAtRelease({ path, trigger: undefined });
    assert.deepEqual(late.release, early.release);
    assert.notEqual(late.mark, early.mark);
  });
});
