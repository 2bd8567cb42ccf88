/**
 * Connections over UNIX sockets to services of the host: a bake shuts them down before the dump, and names the one that
 * stays; a dump of what serves touches none. Datagram sockets are connected anew by CRIU.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { configure, firstConnection, install, uninstall } from './application.js';
import { bake, grenadine, jsonRow } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { journalCursor, waitForLine } from './journal.js';
import { mustRun } from './run-command.js';
import { systemctl, waitUntilStarted } from './systemctl.js';

const address = '127.0.0.1:5050';
const redis = '/run/peers-redis.sock';
const mute = '/run/peers-mute.sock';

/** What the program keeps a connection to, see test/apps/peers/server.py. */
async function connectTo(...peer: readonly string[]): Promise<void> {
  const command = ['/usr/bin/python3', '/srv/peers/server.py', ...peer].join(' ');
  await configure('peers', `[Application]\nExecStart=\nExecStart=${command}`);
}

/** The body of the first answer after a restore, which is `SAID ATTEMPTS`. */
async function firstAnswer(): Promise<string> {
  const { answer, outcome } = await firstConnection('peers', address);
  assert.equal(outcome.how, 'restored', outcome.detail);
  return answer.body.trimEnd();
}

async function startService(unit: string, ...argv: readonly string[]): Promise<void> {
  await mustRun(['systemd-run', '--quiet', `--unit=${unit}`, '--property=Type=notify', ...argv]);
  await waitUntilStarted(`${unit}.service`);
}

describe('a program with a connection', () => {
  before(async () => {
    const words = ['--port', '0', '--unixsocket', redis, '--supervised', 'systemd', '--save', ''];
    await startService('peers-redis', '/usr/bin/redis-server', ...words);
    await startService('peers-mute', '/usr/bin/python3', '/src/test/apps/peers/mute.py', mute);
  });
  afterEach(() => uninstall('peers'));
  after(() => systemctl('stop', 'peers-redis.service', 'peers-mute.service'));

  test('to Redis has to open another once it is restored', async () => {
    await install('peers', 'peers');
    await connectTo('redis', redis);
    await bake('peers');
    assert.match(await firstAnswer(), /^\d+ 1$/);
    assert.match((await fetchFrom(address, '/')).body, /^\d+ 0$/m);
    assert.match(await firstAnswer(), /^\d+ 1$/);
  });

  test('that it opens again at once, whenever it is gone, does so after the restore', async () => {
    await install('peers', 'peers');
    await connectTo('eager', redis);
    await bake('peers');
    for (let round = 0; round < 3; round += 1) assert.match(await firstAnswer(), /^\d+ connections 0$/);
  });

  test('to the journal’s stream has to open another, and its lines arrive', async () => {
    await install('peers', 'peers');
    await connectTo('journal');
    await bake('peers');
    const cursor = await journalCursor();
    assert.equal(await firstAnswer(), 'written 1');
    await waitForLine('peers.service', 'a line', cursor);
  });

  test('to the system log keeps it, and its lines arrive', async () => {
    await install('peers', 'peers');
    await connectTo('syslog');
    await bake('peers');
    const cursor = await journalCursor();
    assert.equal(await firstAnswer(), 'written 0');
    await waitForLine('peers.service', 'a line', cursor);
  });

  test('to the bus has to open another', async () => {
    await install('peers', 'peers');
    await connectTo('bus');
    await bake('peers');
    assert.match(await firstAnswer(), /^\d+ 1$/);
  });

  test('that stays on both sides is not baked, and is named', async () => {
    await install('peers', 'peers');
    await connectTo('writer', mute);
    const { status, stderr } = await grenadine('bake', 'peers');
    assert.equal(status, 6);
    assert.match(stderr, new RegExp(`outside-connection.*'${mute}' of process \\d+ \\(python3\\)`));
    assert.match(String((await jsonRow('status', 'peers'))['problem']), /outside-connection/);
  });

  test('keeps it, and its answers, when it is asked to be dumped while it serves', async () => {
    await install('peers', 'peers');
    await connectTo('redis', redis);
    await fetchFrom(address, '/');
    const { status, stderr } = await grenadine('dump', 'peers');
    assert.equal(status, 6);
    assert.match(stderr, new RegExp(`outside-connection.*'${redis}' of process \\d+ \\(redis-server\\)`));
    assert.match((await fetchFrom(address, '/')).body, /^\d+ 0$/m);
  });
});
