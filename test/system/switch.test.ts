/** `systemctl reload`: the newest snapshot takes over from what runs, and no client notices. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { describeTally, tallyOf } from '../load/tally.js';
import { firstConnection, install, uninstall } from './application.js';
import { counterAt } from './counter.js';
import { bake } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { journalCursor, linesOf, waitForLine } from './journal.js';
import { forgetOutcome, waitForOutcome } from './outcome.js';
import { onlyChild } from './process-tree.js';
import { runCommand } from './run-command.js';
import { truncateImage } from './store.js';
import { mainPid, showUnit, systemctl } from './systemctl.js';
import { underLoad } from './under-load.js';

const address = '127.0.0.1:4000';
const unit = 'node.service';
const reloads = 8;
const clients = { port: 4000, path: '/', kept: 10, fresh: 10 };

/** A reload that must fail, and the application that must not notice. */
async function failToReload(reason: RegExp): Promise<void> {
  const cursor = await journalCursor();
  const pid = await mainPid(unit);
  const { bootId } = await counterAt(address);
  assert.notEqual((await runCommand(['systemctl', 'reload', unit])).status, 0);
  assert.match((await waitForLine(unit, /^Failed to switch: /, cursor)).message, reason);
  const still = await counterAt(address);
  assert.deepEqual([await mainPid(unit), still.bootId], [pid, bootId]);
  assert.equal((await showUnit(unit))['ActiveState'], 'active');
}

describe('a reload', () => {
  let baked = '';

  before(async () => {
    await install('node', 'node');
    await firstConnection('node', address);
  });
  after(() => uninstall('node'));

  test('without a snapshot fails, and the application goes on', async () => {
    await failToReload(/^Failed to switch: no-snapshot: /);
  });

  test('with one puts it in the place of what was booted cold', async () => {
    const cold = await counterAt(address);
    const pid = await mainPid(unit);
    baked = await bake('node');
    await forgetOutcome('node');
    await systemctl('reload', unit);
    const { how, snapshot } = await waitForOutcome('node');
    assert.deepEqual([how, snapshot], ['restored', baked]);
    assert.notEqual((await counterAt(address)).bootId, cold.bootId);
    assert.equal(await mainPid(unit), pid);
    assert.match(
      (await showUnit(unit))['StatusText'] ?? '',
      new RegExp(`^Switched to snapshot ${baked} in `),
    );
  });

  // CRIU says so when a record is cut off, and waits for ever when memory is.
  for (const [image, reason] of [
    ['core-', /: restore-failed: /],
    ['pages-', /: restore-timeout: /],
  ] as const) {
    test(`with a snapshot whose ${image} image was cut off fails, and the application goes on`, async () => {
      await truncateImage('node', image);
      await failToReload(reason);
      await bake('node');
    });
  }

  test('finishes a request that is under way', async () => {
    const cursor = await journalCursor();
    const slow = fetchFrom(address, '/slow?ms=1500');
    await fetchFrom(address, '/');
    await systemctl('reload', unit);
    await counterAt(address);
    assert.deepEqual(JSON.parse((await slow).body), { slept: 1500 });
    await waitForLine(unit, 'stopped', cursor);
  });

  test(`loses no request, ${reloads} times, on kept connections and on new ones`, async (context) => {
    baked = await bake('node');
    const pid = await mainPid(unit);
    const { NRestarts, ControlGroup } = await showUnit(unit);
    const cursor = await journalCursor();
    const tally = tallyOf(
      await underLoad(clients, async (load) => {
        for (let round = 0; round < reloads; round++) {
          await load.more(500);
          await systemctl('reload', unit);
        }
        await load.more(500);
      }),
    );
    context.diagnostic(describeTally(tally));
    assert.deepEqual([tally.failures, tally.repeated], [[], 0]);
    const now = await showUnit(unit);
    assert.deepEqual(
      [now['MainPID'], now['NRestarts'], now['ControlGroup'], now['ActiveState']],
      [String(pid), NRestarts, ControlGroup, 'active'],
    );
    const { snapshot } = await waitForOutcome('node');
    assert.equal(snapshot, baked);
    const lines = await linesOf(unit, cursor);
    assert.equal(lines.filter((line) => line.startsWith('stopping after ')).length, reloads);
    // The last of the old ones has a second for its kept connections.
    while ((await linesOf(unit, cursor)).filter((line) => line === 'stopped').length < reloads)
      await waitForLine(unit, 'stopped', await journalCursor());
    await onlyChild(pid);
  });

  test('is followed by an orderly stop of the new generation', async () => {
    const cursor = await journalCursor();
    await systemctl('stop', unit);
    await waitForLine(unit, 'stopped', cursor);
    assert.equal((await showUnit(unit))['Result'], 'success');
  });
});
