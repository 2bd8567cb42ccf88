/** The thin slice: one application from its .conf through units, bake and transplant to a restored first connection. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { firstConnection, install, uninstall } from './application.js';
import { readCounter, type CounterState } from './counter.js';
import { bake } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { onlyChild, viewProcess, type ProcessView } from './process-tree.js';
import { mustRun } from './run-command.js';
import { mainPid, showUnit } from './systemctl.js';

const address = '127.0.0.1:4000';

describe('the first connection', () => {
  let baked = '';
  let restored: CounterState;
  let snapshot: string | undefined;
  let launcher: ProcessView;
  let init: ProcessView;
  let application: ProcessView;

  before(async () => {
    await install('node', 'node');
  });
  after(() => uninstall('node'));

  test('boots cold while there is no snapshot', async () => {
    const { answer, outcome } = await firstConnection('node', address);
    assert.equal(answer.status, 200);
    assert.equal(outcome.how, 'cold');
    assert.equal(outcome.reason, 'no-snapshot');
  });

  test('a bake publishes a snapshot while the application runs, and leaves it alone', async () => {
    const running = readCounter((await fetchFrom(address, '/')).body);
    baked = await bake('node');
    const still = readCounter((await fetchFrom(address, '/')).body);
    assert.match(baked, /^[0-9a-f]{12}$/);
    assert.equal(still.bootId, running.bootId);
  });

  test('is restored by a CRIU without the libraries that it does not call', async () => {
    const plan = await readFile('/var/lib/grenadine/node/current/plan', 'utf8');
    assert.match(plan, /^criu=\d+:\d+ uncalled$/m);
    const uncalled = await mustRun([
      ...['env', 'LD_LIBRARY_PATH=/usr/lib/grenadine/uncalled'],
      ...['ldd', '/usr/sbin/criu'],
    ]);
    assert.match(uncalled, /libnl-3/);
    assert.doesNotMatch(uncalled, /libnettle|libnftnl/);
  });

  test('is restored once there is a snapshot, and answered right', async () => {
    const { answer, outcome } = await firstConnection('node', address);
    assert.equal(answer.status, 200);
    restored = readCounter(answer.body);
    snapshot = outcome.snapshot;
    assert.equal(outcome.how, 'restored');
    assert.equal(outcome.snapshot, baked);
    assert.equal(outcome.answer, 'activator');
  });

  test('comes back again as the same boot, as if nothing had been in between', async () => {
    const { answer } = await firstConnection('node', address);
    assert.equal(readCounter(answer.body).bootId, restored.bootId);
    assert.equal(readCounter(answer.body).requests, restored.requests);
  });

  test('its monotonic clock stood still between the dump and the restore', async () => {
    // Two seconds of the host's clock pass; of its own, the few milliseconds that a restore and a request take.
    await fetchFrom(address, '/slow?ms=2000');
    const { answer } = await firstConnection('node', address);
    assert.ok(Math.abs(readCounter(answer.body).upSeconds - restored.upSeconds) < 1);
  });

  test('the main process of the unit is the launcher, its child an init, the child of that the application', async () => {
    launcher = await viewProcess(await mainPid('node.service'));
    init = await viewProcess(await onlyChild(launcher.pid));
    application = await viewProcess(await onlyChild(init.pid));
    assert.match(launcher.name, /^grenadine-launc/);
    assert.equal(init.pids.at(-1), 1);
    assert.equal(application.pids.at(-1), restored.pid);
    assert.equal(restored.ppid, 1);
  });

  test('the application is in PID and mount namespaces of its own', async () => {
    const host = await viewProcess(1);
    assert.notEqual(application.pidNamespace, host.pidNamespace);
    assert.notEqual(application.mountNamespace, host.mountNamespace);
    assert.equal(init.pidNamespace, application.pidNamespace);
    assert.equal(launcher.pidNamespace, host.pidNamespace);
    assert.equal(launcher.mountNamespace, host.mountNamespace);
  });

  test('its timers go on', async () => {
    const { ticks } = readCounter((await fetchFrom(address, '/')).body);
    await fetchFrom(address, '/slow?ms=200');
    const later = readCounter((await fetchFrom(address, '/')).body);
    assert.ok(later.ticks > ticks, `${later.ticks} ticks after ${ticks}`);
  });

  test('the unit says which snapshot it came from', async () => {
    assert.match((await showUnit('node.service'))['StatusText'] ?? '', new RegExp(snapshot ?? 'no snapshot'));
  });
});
