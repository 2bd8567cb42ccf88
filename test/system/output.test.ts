/** What the application prints, in the journal, before and after a restore. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { firstConnection, install, stop, uninstall } from './application.js';
import { bake } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { journalCursor, linesOf, waitForLine } from './journal.js';
import { mainPid } from './systemctl.js';

const address = '127.0.0.1:4000';
const unit = 'node.service';

describe('what an application prints', () => {
  before(async () => {
    await install('node', 'node');
  });
  after(() => uninstall('node'));

  for (const how of ['cold', 'restored'] as const) {
    test(`is in the journal under its unit, line by line, from stdout and stderr (${how})`, async () => {
      if (how === 'restored') await bake('node');
      const { outcome } = await firstConnection('node', address);
      assert.equal(outcome.how, how);
      const cursor = await journalCursor();
      await fetchFrom(address, `/print?text=${how}-line`);
      await waitForLine(unit, `${how}-line`, cursor);
      const { fields } = await waitForLine(unit, `${how}-line (stderr)`, cursor);
      assert.equal(fields['_SYSTEMD_UNIT'], unit);
    });
  }

  test('in a bake stays out of the journal of the unit', async () => {
    await stop('node');
    const cursor = await journalCursor();
    await bake('node');
    assert.deepEqual(await linesOf(unit, cursor), []);
  });

  test('last, while it stops, is not lost', async () => {
    await firstConnection('node', address);
    const cursor = await journalCursor();
    await stop('node');
    assert.equal((await linesOf(unit, cursor)).filter((line) => line === 'stopped').length, 1);
  });

  test('just before it is killed is not lost', async () => {
    await firstConnection('node', address);
    const cursor = await journalCursor();
    await fetchFrom(address, '/print?text=last-words');
    await assert.rejects(fetchFrom(address, '/crash?signal=SIGKILL'));
    await waitForLine(unit, 'last-words', cursor);
  });

  test('comes in one piece, though it is a thousand lines at once', async () => {
    await firstConnection('node', address);
    assert.ok((await mainPid(unit)) > 0);
    const cursor = await journalCursor();
    const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}`);
    await fetchFrom(address, '/print', { method: 'POST', body: lines.join('\n') });
    await waitForLine(unit, 'line 999', cursor);
    const seen = (await linesOf(unit, cursor)).filter((line) => /^line \d+$/.test(line));
    assert.deepEqual(seen, lines);
  });
});
