/** Deployments that switch what runs by themselves, pins that hold them up, and switches that fail on the way. */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { describeTally, tallyOf } from '../load/tally.js';
import { deploy, install, setBake, uninstall } from './application.js';
import { counterAt } from './counter.js';
import {
  activator,
  address,
  configureMore,
  flip,
  home,
  lay,
  name,
  published,
  serving,
  until,
} from './deployment.js';
import { grenadine, jsonRow, jsonRows } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { journalCursor, linesOf } from './journal.js';
import { truncateImage } from './store.js';
import { mainPid, showUnit, systemctl } from './systemctl.js';
import { underLoad } from './under-load.js';

const unit = `${name}.service`;
const clients = { port: 4010, path: '/', kept: 5, fresh: 5 };
const switchedTo = (release: string): RegExp =>
  new RegExp(`^${name}: switched to release ${release}, snapshot `);

/** The newest snapshot of `release`. */
async function snapshotOf(release: string): Promise<string> {
  const row = (await jsonRows('list', name)).find((one) => one['release'] === release);
  assert.ok(row, `there is no snapshot of release ${release}`);
  return String(row['id']);
}

describe('what runs', () => {
  before(async () => {
    await deploy('node');
    for (const release of ['1', '2', '3', '4']) await lay(release);
    await flip('1');
    await install('node', name);
    await setBake('auto');
    await until(published, () => systemctl('daemon-reload'));
    assert.equal(await serving(), '1');
  });
  after(async () => {
    await uninstall(name);
    await rm(home, { recursive: true });
    await setBake('manual');
    await systemctl('daemon-reload');
  });

  test('is switched to a deployed release once that has a snapshot, and no request is lost', async (context) => {
    const pid = await mainPid(unit);
    const tally = tallyOf(
      await underLoad(clients, async (load) => {
        await until(switchedTo('2'), () => flip('2'));
        assert.equal(await serving(), '2');
        await load.more(200);
      }),
    );
    context.diagnostic(describeTally(tally));
    assert.deepEqual([tally.failures, tally.repeated], [[], 0]);
    assert.equal(await mainPid(unit), pid);
    assert.equal((await showUnit(unit))['NRestarts'], '0');
  });

  test('is switched back at once when the link goes back, without another bake', async () => {
    const cursor = await journalCursor();
    await until(switchedTo('1'), () => flip('1'));
    assert.equal(await serving(), '1');
    const said = await linesOf(activator, cursor);
    assert.deepEqual(
      said.filter((line) => published.test(line)),
      [],
    );
    assert.equal((await jsonRows('list', name)).find((row) => row['current'])?.['release'], '1');
  });

  test('is switched when it booted cold and the activator was started since', async () => {
    await rm(`/var/lib/grenadine/${name}`, { recursive: true });
    await setBake('manual');
    await systemctl('daemon-reload');
    await systemctl('restart', unit);
    assert.equal(await serving(), '1');
    await systemctl('restart', activator);
    await setBake('auto');
    await until(published, () => systemctl('daemon-reload'));
    await until(switchedTo('2'), () => flip('2'));
    await until(switchedTo('1'), () => flip('1'));
  });

  test('goes to a chosen snapshot without a lost request, and systemctl says that it is pinned', async () => {
    const id = await snapshotOf('2');
    const pid = await mainPid(unit);
    const tally = tallyOf(
      await underLoad(clients, async (load) => {
        await load.more(50);
        assert.equal((await grenadine('restore', name, '--from', id)).status, 0);
        assert.equal(await serving(), '2');
        await load.more(200);
      }),
    );
    assert.deepEqual([tally.failures, tally.repeated], [[], 0]);
    assert.equal(await mainPid(unit), pid);
    assert.match(
      (await showUnit(unit))['StatusText'] ?? '',
      /^Switched to snapshot [0-9a-f]{12} \(pinned\) in /,
    );
  });

  test('is not switched by a deployment while it is pinned', async () => {
    await until(published, () => flip('3'));
    assert.equal(await serving(), '2');
    assert.equal((await jsonRow('status', name))['problem'], '');
    assert.equal((await grenadine('restore', name, '--latest')).status, 0);
    assert.equal(await serving(), '3');
  });

  test('is switched by one that releases the pin', async () => {
    await configureMore('[Release]\nPinUntil=deployment\n');
    await systemctl('daemon-reload');
    const id = await snapshotOf('2');
    assert.equal((await grenadine('restore', name, '--from', id)).status, 0);
    assert.equal((await jsonRow('status', name))['pinned'], id);
    await until(switchedTo('4'), () => flip('4'));
    assert.equal(await serving(), '4');
    assert.equal((await jsonRow('status', name))['pinned'], '');
  });

  test('goes on when the chosen snapshot is broken, and so does the pin that was', async () => {
    await setBake('manual');
    await systemctl('daemon-reload');
    const { bootId } = await counterAt(address);
    const id = await snapshotOf('3');
    await truncateImage(name, 'core-', id);
    const { status, stderr } = await grenadine('restore', name, '--from', id);
    assert.equal(status, 1);
    assert.match(stderr, /was not switched, and goes on as it was: restore-failed: /);
    assert.equal((await counterAt(address)).bootId, bootId);
    assert.equal((await jsonRow('status', name))['pinned'], '');
    assert.match(String((await jsonRow('why', name))['problem']), /the last switch failed.*restore-failed/);
    assert.ok((await jsonRows('list', name)).every((row) => row['release'] !== '3'));
  });

  test('goes on when a deployed release does not come up, which is not tried again by itself', async () => {
    await setBake('auto');
    await systemctl('daemon-reload');
    await truncateImage(name, 'core-', await snapshotOf('2'));
    const { bootId } = await counterAt(address);
    const cursor = await journalCursor();
    await until(published, () => flip('2'));
    assert.equal((await counterAt(address)).bootId, bootId);
    const said = (await linesOf(activator, cursor)).join('\n');
    assert.match(said, /set aside/);
    assert.match(said, /was not switched.*restore-failed.*systemctl reload node-deployed tries again/);
    assert.equal(await serving(), '4');
    await systemctl('reload', unit);
    assert.equal(await serving(), '2');
    assert.equal((await jsonRow('status', name))['problem'], '');
  });

  test('takes a changed configuration with a reload, once there is a snapshot of it', async () => {
    await configureMore('[Application]\nEnvironment=GREETING=hi\n');
    await until(published, () => systemctl('daemon-reload'));
    assert.equal((await counterAt(address)).environment['GREETING'], undefined);
    await systemctl('reload', unit);
    assert.equal((await counterAt(address)).environment['GREETING'], 'hi');
  });

  test('does not take another socket with a reload, which says what does', async () => {
    await configureMore('[Application]\nListenStream=127.0.0.1:4011\n');
    await until(published, () => systemctl('daemon-reload'));
    const cursor = await journalCursor();
    await assert.rejects(systemctl('reload', unit));
    assert.match(
      (await linesOf(unit, cursor)).join('\n'),
      /sockets-changed: ListenStream= has changed .* systemctl restart node-deployed.socket node-deployed.service/,
    );
    await systemctl('restart', `${name}.socket`, unit);
    assert.equal((await counterAt('127.0.0.1:4011')).bootId, (await counterAt(address)).bootId);
  });

  test('has as long for its last requests as the unit gives it for a stop', async () => {
    await mkdir(`/run/systemd/system/${unit}.d`, { recursive: true });
    await writeFile(`/run/systemd/system/${unit}.d/stop.conf`, '[Service]\nTimeoutStopSec=1\n');
    await systemctl('daemon-reload');
    const slow = assert.rejects(fetchFrom(address, '/slow?ms=20000'));
    await systemctl('reload', unit);
    await slow;
    await rm(`/run/systemd/system/${unit}.d`, { recursive: true });
    await systemctl('daemon-reload');
  });
});
