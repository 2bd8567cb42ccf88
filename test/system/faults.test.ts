/**
 * Each fault that can befall a start, on real systemd and CRIU: the client that waits is answered, what is said explains
 * it, and the snapshot is set aside where it is to blame. With $GRENADINE_FAULTS, a folder, what was seen is left there
 * for test/faults.md.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { install, setBake, stop, uninstall } from './application.js';
import { journalCursor, waitForLine } from './journal.js';
import { messageIds } from '../../activator/message-ids.js';
import { allFaults } from './faults/all-faults.js';
import type { Sighting } from './faults/fault.js';
import { activator, address, name, order, watchUnit } from './faults/faulty.js';
import { suffer } from './faults/suffer.js';
import { bake, grenadine, jsonRow, jsonRows } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { mustRun } from './run-command.js';
import { truncateImage } from './store.js';
import { showUnit, systemctl } from './systemctl.js';

const sightings: Sighting[] = [];

before(() => install(name, name));
after(async () => {
  await uninstall(name);
  const folder = process.env['GRENADINE_FAULTS'];
  if (folder !== undefined) await writeFile(join(folder, 'sightings.json'), JSON.stringify(sightings));
});

for (const { title, faults } of allFaults) {
  describe(title, () => {
    for (const fault of faults) {
      test(fault.name, async () => {
        const { injected } = fault;
        sightings.push({ group: title, name: fault.name, injected, ...(await suffer(fault)) });
      });
    }
  });
}

describe('a snapshot that failed', () => {
  test('is baked anew by itself', async () => {
    await bake(name);
    // All of them: another one that may serve would do.
    for (const { id } of await jsonRows('list', name)) await truncateImage(name, 'core-', String(id));
    await stop(name);
    await setBake('auto');
    await systemctl('daemon-reload');
    const cursor = await journalCursor();
    try {
      assert.equal((await fetchFrom(address, '/')).status, 200);
      await waitForLine(activator, /^faulty: published snapshot [0-9a-f]{12}$/, cursor);
    } finally {
      await setBake('manual');
      await systemctl('daemon-reload');
    }
  });
});

describe('an application that ends at its boot', () => {
  test('is told by why and doctor with its exit status, and its socket stays open', async () => {
    await uninstall(name);
    await install(name, name);
    const { mend } = await order('broken');
    try {
      const felt = await watchUnit(({ restarts, subState }) => restarts >= 2 && subState === 'auto-restart');
      const answer = fetchFrom(address, '/');
      await felt();
      const why = await jsonRow('why', name);
      assert.match(
        String(why['ended']),
        /^ended with exit status 1; systemd started it again \d+ times, .*journalctl -u faulty\.service$/,
      );
      assert.match(String(why['problem']), /clients wait for the next start/);
      assert.equal((await showUnit(`${name}.socket`))['ActiveState'], 'active');
      const { stdout } = await grenadine('doctor', name, '--json');
      assert.match(stdout, /the application ended with exit status 1 while it was baked/);
      await mend();
      assert.equal((await answer).status, 200);
    } finally {
      // Twice where all is well.
      await mend();
    }
  });
});

describe('an entry of the journal', () => {
  test('has fields, and is explained by journalctl -x', async () => {
    const cursor = await journalCursor();
    const id = await bake(name);
    const { fields } = await waitForLine(activator, `${name}: published snapshot ${id}`, cursor);
    assert.deepEqual(
      [fields['MESSAGE_ID'], fields['GRENADINE_APPLICATION'], fields['GRENADINE_SNAPSHOT']],
      [messageIds.published, name, id],
    );
    const explained = ['journalctl', '--no-pager', '-x', `--after-cursor=${cursor}`, '-u', `${name}.service`];
    assert.match(
      await mustRun(explained),
      new RegExp(`The snapshot ${id} was baked, restored once to prove it`),
    );
  });
});
