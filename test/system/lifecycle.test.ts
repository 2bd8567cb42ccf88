/** Start, stop, restart, reload, exit and crash, as systemd sees them: the same after a restore as after a cold boot. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { firstConnection, install, stop, uninstall } from './application.js';
import { counterAt } from './counter.js';
import { bake } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { journalCursor, waitForFailure, waitForLine, waitForSuccess } from './journal.js';
import { forgetOutcome, waitForOutcome } from './outcome.js';
import { mainPid, showUnit, systemctl } from './systemctl.js';

const ways = [
  { name: 'node', how: 'restored', address: '127.0.0.1:4000' },
  { name: 'node-cold', how: 'cold', address: '127.0.0.1:4008' },
] as const;

before(async () => {
  await install('node', ...ways.map(({ name }) => name));
  await bake('node');
});
after(() => uninstall(...ways.map(({ name }) => name)));

for (const { name, how, address } of ways) {
  const unit = `${name}.service`;

  describe(`an application that came up ${how}`, () => {
    test('comes up by systemctl start as well, without a connection', async () => {
      await stop(name);
      await forgetOutcome(name);
      await systemctl('start', unit);
      assert.equal((await showUnit(unit))['ActiveState'], 'active');
      assert.equal((await waitForOutcome(name)).how, how);
      assert.equal((await fetchFrom(address, '/')).status, 200);
    });

    test('finishes its requests at SIGTERM and ends well', async () => {
      await firstConnection(name, address);
      const cursor = await journalCursor();
      const slow = fetchFrom(address, '/slow?ms=700');
      await fetchFrom(address, '/');
      await systemctl('stop', unit);
      assert.equal((await slow).status, 200);
      await waitForLine(unit, 'stopped', cursor);
      const { Result, ExecMainCode, ExecMainStatus, ActiveState } = await showUnit(unit);
      assert.deepEqual(
        { Result, ExecMainCode, ExecMainStatus, ActiveState },
        { Result: 'success', ExecMainCode: '1', ExecMainStatus: '0', ActiveState: 'inactive' },
      );
    });

    test('comes up the same way after systemctl restart', async () => {
      await firstConnection(name, address);
      const pid = await mainPid(unit);
      await forgetOutcome(name);
      await systemctl('restart', unit);
      assert.equal((await waitForOutcome(name)).how, how);
      assert.notEqual(await mainPid(unit), pid);
      assert.equal((await fetchFrom(address, '/')).status, 200);
    });

    test('runs on through a daemon-reload', async () => {
      const before = { pid: await mainPid(unit), boot: (await counterAt(address)).bootId };
      await systemctl('daemon-reload');
      assert.deepEqual({ pid: await mainPid(unit), boot: (await counterAt(address)).bootId }, before);
    });

    test('that exits with a status is seen to exit with it, and comes up again', async () => {
      await firstConnection(name, address);
      const cursor = await journalCursor();
      await forgetOutcome(name);
      await fetchFrom(address, '/exit?code=7');
      assert.equal(await waitForFailure(unit, cursor), 'exited 7');
      assert.equal((await waitForOutcome(name)).how, how);
      assert.equal((await fetchFrom(address, '/')).status, 200);
    });

    test('that exits with 0 is over, and the next connection starts it', async () => {
      await firstConnection(name, address);
      const cursor = await journalCursor();
      await fetchFrom(address, '/exit?code=0');
      await waitForSuccess(unit, cursor);
      const { outcome } = await firstConnection(name, address);
      assert.equal(outcome.how, how);
    });

    for (const signal of ['SIGSEGV', 'SIGKILL', 'SIGABRT']) {
      test(`that dies of ${signal} is seen to die of it, and comes up again`, async () => {
        await firstConnection(name, address);
        const cursor = await journalCursor();
        await assert.rejects(fetchFrom(address, `/crash?signal=${signal}`));
        assert.match(await waitForFailure(unit, cursor), new RegExp(`^(killed|dumped) ${signal}$`));
        assert.equal((await fetchFrom(address, '/')).status, 200);
      });
    }
  });
}
