/** Snapshots that a disk or a hand has damaged: found when somebody looks, before they serve. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { firstConnection, install, uninstall } from './application.js';
import { bake, grenadine, jsonRows } from './grenadine.js';
import { journalCursor, waitForLine } from './journal.js';
import { runCommand } from './run-command.js';
import { flipByte, quarantined } from './store.js';
import { showUnit } from './systemctl.js';

const address = '127.0.0.1:4000';
let id = '';

describe('grenadine verify', () => {
  before(async () => {
    await install('node', 'node');
    id = await bake('node');
  });
  after(() => uninstall('node'));

  test('says of each snapshot that it is as it was published, after it has served, too', async () => {
    const [row, ...more] = await jsonRows('verify');
    assert.deepEqual([row?.['name'], row?.['id'], row?.['damage'], more], ['node', id, '', []]);
    assert.equal((await firstConnection('node', address)).outcome.how, 'restored');
    const { status, stdout } = await grenadine('verify', 'node', '1');
    assert.deepEqual([status, stdout.split('\n').length], [0, 3]);
    assert.match(stdout, new RegExp(`^node +${id} +\\S+ +ok$`, 'm'));
  });

  test('of a snapshot that is not there is no success', async () => {
    assert.equal((await grenadine('verify', 'node', '2')).status, 3);
    assert.equal((await grenadine('verify', 'no-such')).status, 3);
    assert.equal((await grenadine('verify', '--from', id)).status, 2);
  });

  test('sets a damaged one aside: it is not tried, the timer’s unit fails, and the next bake is whole', async () => {
    const cursor = await journalCursor();
    await flipByte('node');
    const { status } = await runCommand(['systemctl', 'start', 'grenadine-verify.service']);
    assert.notEqual(status, 0);
    assert.equal((await showUnit('grenadine-verify.service'))['ExecMainStatus'], '1');
    const said = new RegExp(
      `^node: snapshot ${id} was set aside \\(damaged\\): criu/mapped-\\S+ has other contents`,
    );
    await waitForLine('grenadine-activator.service', said, cursor);
    await waitForLine('grenadine-verify.service', /^node +\w+ +\S+ +damaged: /, cursor);
    assert.deepEqual(await quarantined('node'), [id]);
    const { outcome } = await firstConnection('node', address);
    assert.deepEqual([outcome.how, outcome.reason, outcome.failed], ['cold', 'no-snapshot', []]);
    await bake('node');
    assert.equal((await grenadine('verify')).status, 0);
    assert.equal((await firstConnection('node', address)).outcome.how, 'restored');
  });

  test('is done by a timer once a day', async () => {
    const { ActiveState, UnitFileState } = await showUnit('grenadine-verify.timer');
    assert.deepEqual({ ActiveState, UnitFileState }, { ActiveState: 'active', UnitFileState: 'enabled' });
  });
});
