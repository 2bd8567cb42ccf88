/** Two releases of the Rails application, switched back and forth under load: every request is answered, and by the right one. */
import assert from 'node:assert/strict';
import { copyFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { nowUs } from '../load/load.js';
import { describeTally, tallyOf, wrongRevisions, type Switch } from '../load/tally.js';
import { deploy, firstConnection, install, stop, uninstall } from './application.js';
import { bake } from './grenadine.js';
import { journalCursor, waitForLine } from './journal.js';
import { systemctl } from './systemctl.js';
import { underLoad } from './under-load.js';

const home = '/srv/rails';
const dropIns = '/etc/grenadine/apps/rails.conf.d';
/** The same command in a unit of systemd alone, behind a .socket. */
const plain = ['rails-cold.socket', 'rails-cold.service'] as const;
const plainDropIns = '/etc/systemd/system/rails-cold.service.d';
const port = 3000;
const plainPort = 3001;
const switches = 20;
const requests = 20_000;
const clients = { path: '/articles/1.json', kept: 100, fresh: 100 };

/** Puts a release in place, the way a deployment does, and waits until what runs was switched to it. */
async function switchTo(revision: string): Promise<Switch> {
  const cursor = await journalCursor();
  const askedUs = nowUs();
  await symlink(`${home}/releases/${revision}`, `${home}/current.new`);
  await rename(`${home}/current.new`, `${home}/current`);
  const said = new RegExp(`^rails: switched to release ${revision}, snapshot `);
  await waitForLine('grenadine-activator.service', said, cursor);
  return { askedUs, doneUs: nowUs(), revision };
}

describe('under load', () => {
  before(async () => {
    await rm(home, { recursive: true, force: true });
    await mkdir(dropIns, { recursive: true });
    // A line a request would be the journal's load.
    const quiet = 'Environment=RAILS_LOG_LEVEL=warn\n';
    await writeFile(`${dropIns}/load.conf`, `[Application]\n${quiet}[Release]\nSettleSec=100ms\n`);
    await mkdir(plainDropIns, { recursive: true });
    await writeFile(`${plainDropIns}/load.conf`, `[Service]\n${quiet}`);
    for (const unit of plain)
      await copyFile(`/src/test/apps/rails/plain/${unit}`, `/etc/systemd/system/${unit}`);
    await install('rails', 'rails');
    await bake('rails');
    await deploy('rails');
    await bake('rails');
  });
  after(async () => {
    await systemctl('stop', ...plain);
    for (const unit of plain) await rm(`/etc/systemd/system/${unit}`);
    await rm(plainDropIns, { recursive: true });
    await rm(dropIns, { recursive: true });
    await uninstall('rails');
  });

  test(`${switches} switches lose no request, and none that begins after one is answered by the release before`, async (context) => {
    await firstConnection('rails', `127.0.0.1:${port}`, '/articles');
    const done: Switch[] = [{ askedUs: 0, doneUs: 0, revision: '2' }];
    const each = requests / (switches + 1);
    const exchanges = await underLoad({ ...clients, port }, async (load) => {
      await load.more(each);
      while (done.length <= switches) {
        done.push(await switchTo(done.length % 2 === 1 ? '1' : '2'));
        await load.more(each);
      }
    });
    const tally = tallyOf(exchanges);
    context.diagnostic(`${switches} switches: ${describeTally(tally)}`);
    const longestMs = Math.max(...done.map(({ askedUs, doneUs }) => (doneUs - askedUs) / 1000));
    context.diagnostic(`the longest deployment took ${longestMs.toFixed(0)} ms`);
    const first = exchanges.filter(({ endedUs }) => endedUs < (done[1]?.askedUs ?? 0));
    context.diagnostic(`before the first switch: ${describeTally(tallyOf(first))}`);
    assert.ok(tally.requests >= requests);
    assert.deepEqual(tally.failures, []);
    assert.equal(
      tally.repeated,
      0,
      'a kept connection was closed on a request, which a client may not post again',
    );
    assert.deepEqual(wrongRevisions(exchanges, done), []);
    for (const isKept of [true, false]) {
      const revisions = exchanges.flatMap(({ isKept: is, result }) =>
        is === isKept && result.kind === 'answered' ? [result.revision] : [],
      );
      assert.deepEqual([...new Set(revisions)].sort(), ['1', '2']);
    }

    await stop('rails');
    await systemctl('daemon-reload');
    await systemctl('start', ...plain);
    const plainly = await underLoad({ ...clients, port: plainPort }, async (load) => {
      await load.more(each);
      await systemctl('restart', 'rails-cold.service');
      await load.more(each);
    });
    context.diagnostic(`one restart of a plain unit: ${describeTally(tallyOf(plainly))}`);
  });
});
