/**
 * The demonstration of the talk that Grenadine comes from, command by command: an application without a file, of which
 * two revisions are deployed one after the other, each dumped, and the older one brought back.
 */
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { deploy, setBake, uninstall } from './application.js';
import { grenadine, jsonRows, snapshotIdIn } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { journalCursor, waitForLine, waitForSuccess } from './journal.js';
import { forgetOutcome, waitForOutcome } from './outcome.js';
import { showUnit, systemctl } from './systemctl.js';

const address = '127.0.0.1:3000';
const unit = 'blog.service';

/** What an operator types; answers what it printed. */
async function type(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await grenadine(...words);
  assert.equal(status, 0, stderr);
  return stdout;
}

async function daemon(): Promise<void> {
  const secrets = await readFile('/srv/rails/shared/environment', 'utf8');
  const environment = ['RAILS_ENV=production', ...secrets.trim().split('\n')].flatMap((pair) => ['-e', pair]);
  const where = ['--name', 'blog', '--listen', '3000', '-u', 'deploy', '-C', '/srv/rails/current'];
  await type(
    'daemon',
    ...where,
    ...environment,
    '--',
    '/usr/bin/bundle',
    'exec',
    'puma',
    '-C',
    'config/puma.rb',
  );
}

async function kill(): Promise<void> {
  const cursor = await journalCursor();
  await type('kill');
  await waitForSuccess(unit, cursor);
  assert.equal((await showUnit(unit))['ActiveState'], 'inactive');
}

async function revision(): Promise<unknown> {
  const { status, headers } = await fetchFrom(address, '/articles');
  assert.equal(status, 200);
  return headers['x-revision'];
}

describe('the demonstration of the talk', () => {
  const ids: string[] = [];

  before(async () => {
    await rm('/srv/rails', { recursive: true, force: true });
    await setBake('manual');
    await systemctl('daemon-reload');
    await deploy('rails');
  });
  after(async () => {
    await uninstall('blog');
  });

  test('daemon brings revision 1 up, dump snapshots it, list shows it', async () => {
    await daemon();
    assert.equal(await revision(), '1');
    ids.push(snapshotIdIn(await type('dump')));
    assert.match(await type('list', 'blog'), new RegExp(`^1 +${ids[0] ?? ''} +1 .*current, valid$`, 'm'));
  });

  test('restore brings it up from there, kill ends it', async () => {
    assert.equal(await type('restore'), `blog: restored from snapshot ${ids[0] ?? ''}\n`);
    assert.equal(await revision(), '1');
    await kill();
  });

  test('after a deployment daemon brings revision 2 up, not the snapshot of revision 1', async () => {
    const cursor = await journalCursor();
    await deploy('rails');
    await waitForLine('grenadine-activator.service', 'blog: release 2 is deployed now', cursor);
    await forgetOutcome('blog');
    await daemon();
    assert.equal(await revision(), '2');
    assert.equal((await waitForOutcome('blog')).how, 'cold');
  });

  test('dump snapshots that, too, and list shows both', async () => {
    ids.unshift(snapshotIdIn(await type('dump')));
    const rows = await jsonRows('list', 'blog');
    assert.deepEqual(
      rows.map((row) => [row['number'], row['id'], row['release'], row['current']]),
      [
        [1, ids[0], '2', true],
        [2, ids[1], '1', false],
      ],
    );
  });

  test('restore 2 serves revision 1 again', async () => {
    assert.match(await type('restore', '2'), new RegExp(`restored from snapshot ${ids[1] ?? ''}`));
    assert.equal(await revision(), '1');
  });

  test('restore --from HASH goes either way', async () => {
    for (const [hash, wanted] of [
      [ids[0], '2'],
      [ids[1], '1'],
    ] as const) {
      await type('restore', '--from', hash ?? '');
      assert.equal(await revision(), wanted);
    }
  });

  test('kill ends it, and the next connection restores what was chosen', async () => {
    await kill();
    assert.equal(await revision(), '1');
  });
});
