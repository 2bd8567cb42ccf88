/** Disks without room: for a dump, and for the word of how an application came up. The client is answered all the same. */
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { firstConnection, install, stop, uninstall } from './application.js';
import { bake, grenadine, jsonRow } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { journalCursor, waitForLine } from './journal.js';
import { mustRun } from './run-command.js';
import { systemctl } from './systemctl.js';

const address = '127.0.0.1:4000';

/** A small file system of its own over `path` while `act` runs. */
async function onSmallDisk(path: string, size: string, act: () => Promise<void>): Promise<void> {
  await mustRun(['mount', '-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'small', path]);
  try {
    await act();
  } finally {
    await mustRun(['umount', path]);
  }
}

describe('without room on the disk', () => {
  before(() => install('node', 'node'));
  after(() => uninstall('node'));

  test('a bake fails and says so, what it wrote is gone, and the application boots cold', async () => {
    await onSmallDisk('/var/lib/grenadine', '8m', async () => {
      const { status, stderr } = await grenadine('bake', 'node');
      assert.equal(status, 6);
      assert.match(stderr, /No space left on device|ENOSPC/);
      assert.match(String((await jsonRow('status', 'node'))['problem']), /the file system is full/);
      assert.deepEqual(await readdir('/var/lib/grenadine/node/tmp'), []);
      assert.equal((await firstConnection('node', address)).outcome.how, 'cold');
    });
    await bake('node');
    assert.equal((await firstConnection('node', address)).outcome.how, 'restored');
  });

  test('a restore whose outcome cannot be written down serves, and the activator hears of it', async () => {
    await stop('node');
    await onSmallDisk('/run/grenadine/outcome', '4k', async () => {
      await writeFile('/run/grenadine/outcome/full', Buffer.alloc(4096));
      const cursor = await journalCursor();
      assert.equal((await fetchFrom(address, '/')).status, 200);
      await systemctl('start', 'node.service');
      await waitForLine('node.service', /write down how it came up: No space left on device/, cursor);
      assert.equal((await jsonRow('why', 'node'))['how'], 'restored');
    });
  });
});
