/** Servers of other protocols than HTTP: Send= asks them, and each comes up again on its port, restored. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { configure, install, stop, uninstall } from './application.js';
import { bake, grenadine } from './grenadine.js';
import { journalCursor, waitForLine } from './journal.js';
import { forgetOutcome, waitForOutcome } from './outcome.js';
import { showUnit } from './systemctl.js';

/** All that comes back over one connection until it is `wanted`, or ends. */
function exchange(port: number, sent: string, wanted: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1', timeout: 30_000 }, () => socket.write(sent));
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (wanted.test(text)) socket.end();
    });
    socket.on('timeout', () => socket.destroy(new Error(`nothing more within 30 s than '${text}'`)));
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(text);
    });
  });
}

async function firstExchange(name: string, port: number, sent: string, wanted: RegExp): Promise<string> {
  await stop(name);
  await forgetOutcome(name);
  const text = await exchange(port, sent, wanted);
  const { how } = await waitForOutcome(name);
  return `${how}: ${text}`;
}

describe('redis-cache, a server of its own protocol', () => {
  before(() => install('redis', 'redis-cache'));
  after(() => uninstall('redis-cache'));

  test('comes up restored, with what the bake has sent', async () => {
    assert.equal(await firstExchange('redis-cache', 5074, 'GET warmed\r\n', /\n/), 'cold: $-1\r\n');
    await bake('redis-cache');
    for (let restore = 0; restore < 2; restore += 1)
      assert.equal(await firstExchange('redis-cache', 5074, 'INCR warmed\r\n', /\n/), 'restored: :6\r\n');
  });

  test('is not baked where what was sent is not answered, and why says what was', async () => {
    await configure('redis-cache', '[Warmup]\nReadyTimeoutSec=1\nSend=\nSend="SUBSCR"');
    const { status, stderr } = await grenadine('bake', 'redis-cache');
    assert.notEqual(status, 0);
    assert.match(stderr, /Send=.*within 1 s \(ReadyTimeoutSec=\); the last answer was nothing came/s);
  });
});

describe('greeter, a server that speaks first', () => {
  before(() => install('greeter', 'greeter'));
  after(() => uninstall('greeter'));

  const talk = () => firstExchange('greeter', 5075, 'hello\n', /^221.*\n/m);

  test('comes up restored, and serves in children of its own', async () => {
    assert.match(await talk(), /^cold: 220 \d+\n221 hello\n$/);
    await bake('greeter');
    for (let restore = 0; restore < 2; restore += 1)
      assert.match(await talk(), /^restored: 220 \d+\n221 hello\n$/);
  });

  test('keeps its port though it shuts its listener down when it ends, and the journal says so', async () => {
    const cursor = await journalCursor();
    await stop('greeter');
    assert.equal((await showUnit('greeter.socket'))['ActiveState'], 'active');
    await waitForLine('greeter.service', /shut 127\.0\.0\.1:5075 down .* it listens again/, cursor);
    assert.match(await talk(), /^restored: /);
  });
});
