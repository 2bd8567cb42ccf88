// What a release is called, and what makes it another one, on a real file system.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
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
