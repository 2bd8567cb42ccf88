/** Two releases of the Rails application: snapshots of both, going back by number and by hash, and forward again. */
import assert from 'node:assert/strict';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { deploy, firstConnection, install, stop, uninstall } from './application.js';
import { bake, grenadine, jsonRow, jsonRows } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { systemctl } from './systemctl.js';

const address = '127.0.0.1:3000';

async function revision(): Promise<unknown> {
  return (await fetchFrom(address, '/articles')).headers['x-revision'];
}

describe('of two releases', () => {
  const ids: string[] = [];

  before(async () => {
    // Releases are numbered, and those of other tests would count.
    await rm('/srv/rails', { recursive: true, force: true });
    await install('rails', 'rails');
    ids.push(await bake('rails'));
    await deploy('rails');
    ids.push(await bake('rails'));
  });
  after(() => uninstall('rails'));

  test('the deployed one is restored, and the older one is listed as stale', async () => {
    await firstConnection('rails', address, '/articles');
    assert.equal(await revision(), '2');
    const rows = await jsonRows('list', 'rails');
    assert.deepEqual(
      rows.map((row) => [row['id'], row['release'], row['current'], row['valid']]),
      [
        [ids[1], '2', true, true],
        [ids[0], '1', false, false],
      ],
    );
  });

  test('the older one comes back by its number, and stays through a stop', async () => {
    const { status, stdout } = await grenadine('restore', 'rails', '2');
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`restored from snapshot ${ids[0] ?? ''}, and pinned`));
    assert.equal(await revision(), '1');
    await stop('rails');
    assert.equal(await revision(), '1');
    assert.equal((await jsonRow('status', 'rails'))['pinned'], ids[0]);
  });

  test('the pin holds without the activator', async () => {
    await systemctl('stop', 'grenadine-activator.service');
    try {
      const { outcome } = await firstConnection('rails', address, '/articles');
      assert.deepEqual([outcome.snapshot, outcome.answer], [ids[0], 'plan']);
    } finally {
      await systemctl('start', 'grenadine-activator.service');
    }
  });

  test('--latest releases the pin', async () => {
    assert.equal((await grenadine('restore', 'rails', '--latest')).status, 0);
    assert.equal(await revision(), '2');
    assert.equal((await jsonRow('status', 'rails'))['pinned'], '');
  });

  test('the older one comes back by the beginning of its hash', async () => {
    assert.equal((await grenadine('restore', 'rails', '--from', (ids[0] ?? '').slice(0, 8))).status, 0);
    assert.equal(await revision(), '1');
    await grenadine('restore', 'rails', '--latest');
  });

  test('one whose files are gone is refused before anything is touched', async () => {
    await rename('/srv/rails/releases/1', '/srv/rails/releases/away');
    try {
      const { status, stderr } = await grenadine('restore', 'rails', '2');
      assert.equal(status, 1);
      assert.match(stderr, /no longer in \/srv\/rails\/releases\/1/);
      assert.equal(await revision(), '2');
      assert.equal((await jsonRow('status', 'rails'))['pinned'], '');
    } finally {
      await rename('/srv/rails/releases/away', '/srv/rails/releases/1');
    }
  });

  test('a snapshot that is in use cannot be removed, another one can', async () => {
    const refused = await grenadine('remove', 'rails', '1');
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /current, pinned or running/);
    assert.equal((await grenadine('remove', 'rails', '2')).status, 0);
    assert.deepEqual(
      (await jsonRows('list', 'rails')).map(({ id }) => id),
      [ids[1]],
    );
  });

  test('prune says what it would remove, and removes it when it is not dry', async () => {
    const older = ids[1];
    await bake('rails');
    await stop('rails');
    await mkdir('/etc/grenadine/grenadine.conf.d', { recursive: true });
    await writeFile('/etc/grenadine/grenadine.conf.d/60-limit.conf', '[Store]\nLimit=1M\n');
    await systemctl('daemon-reload');
    await firstConnection('rails', address, '/articles');
    try {
      const [row] = await jsonRows('prune', '--dry-run');
      assert.deepEqual([row?.['name'], row?.['id']], ['rails', older]);
      assert.equal((await jsonRows('list', 'rails')).length, 2);
      assert.match((await grenadine('prune')).stdout, /removed snapshot/);
      assert.equal((await jsonRows('list', 'rails')).length, 1);
    } finally {
      await rm('/etc/grenadine/grenadine.conf.d/60-limit.conf');
      await systemctl('daemon-reload');
    }
  });

  test('kill ends what runs, and the socket stays', async () => {
    assert.equal((await grenadine('kill', 'rails')).status, 0);
    const { outcome } = await firstConnection('rails', address, '/articles');
    assert.equal(outcome.how, 'restored');
  });
});
