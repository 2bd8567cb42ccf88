/** A master with two workers on one socket, of Node, Puma and gunicorn: what a service manager expects of them, after a restore. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { firstConnection, install, stop, uninstall } from './application.js';
import { bake } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { journalCursor, waitForLine } from './journal.js';
import { childrenOf, onlyChild } from './process-tree.js';
import { mainPid, showUnit, systemctl } from './systemctl.js';

/** How each ends at SIGTERM: Puma raises it against itself at last. */
const clusters = [
  { name: 'cluster-node', address: '127.0.0.1:5041', code: '1', status: '0' },
  { name: 'cluster-puma', address: '127.0.0.1:5042', code: '2', status: '15' },
  { name: 'cluster-gunicorn', address: '127.0.0.1:5043', code: '1', status: '0' },
] as const;
const names = clusters.map(({ name }) => name);

/** Longer than Puma and gunicorn wait, by their configuration here, for a worker's sign of life. */
const patienceMs = 4_500;

before(() => install('cluster', ...names));
after(() => uninstall(...names));

async function workersOf(name: string): Promise<readonly number[]> {
  return childrenOf(await onlyChild(await onlyChild(await mainPid(`${name}.service`))));
}

for (const { name, address, code, status } of clusters) {
  const unit = `${name}.service`;
  const workers = () => workersOf(name);

  describe(name, () => {
    before(() => bake(name));

    test('is restored as a master with two workers, and again when these have ended', async () => {
      for (const time of ['first', 'second']) {
        const { answer, outcome } = await firstConnection(name, address);
        assert.deepEqual([outcome.how, answer.status], ['restored', 200], time);
        assert.equal((await workers()).length, 2);
        await stop(name);
      }
    });

    test('prints into the journal from a worker', async () => {
      await firstConnection(name, address);
      const cursor = await journalCursor();
      await fetchFrom(address, '/print?from-a-worker');
      await waitForLine(unit, 'from-a-worker', cursor);
      await waitForLine(unit, 'from-a-worker (stderr)', cursor);
    });

    test('replaces a worker that dies, and that one prints, too', async () => {
      await firstConnection(name, address);
      const [victim = 0, other] = await workers();
      const cursor = await journalCursor();
      process.kill(victim, 'SIGKILL');
      await waitForLine(unit, /^worker \d+ serves$/, cursor);
      const now = await workers();
      assert.equal(now.length, 2);
      assert.ok(now.includes(other ?? 0) && !now.includes(victim), now.join(' '));
      assert.equal((await fetchFrom(address, '/')).status, 200);
    });

    test('finishes its requests at SIGTERM, and ends as it does by itself', async () => {
      await firstConnection(name, address);
      const slow = fetchFrom(address, '/slow');
      await fetchFrom(address, '/');
      await systemctl('stop', unit);
      assert.equal((await slow).status, 200);
      const { Result, ExecMainCode, ExecMainStatus } = await showUnit(unit);
      assert.deepEqual(
        { Result, ExecMainCode, ExecMainStatus },
        { Result: 'success', ExecMainCode: code, ExecMainStatus: status },
      );
    });
  });
}

test('no master misses its workers when the snapshot is older than it waits for them', async () => {
  await Promise.all(names.map((name) => stop(name)));
  await setTimeout(patienceMs);
  for (const { name, address } of clusters) {
    assert.equal((await firstConnection(name, address)).outcome.how, 'restored', name);
  }
  const restored = await Promise.all(names.map(workersOf));
  await setTimeout(patienceMs);
  assert.deepEqual(await Promise.all(names.map(workersOf)), restored);
});
