/** The sockets that systemd may hold: IPv4, IPv6, UNIX, and several for one application. */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { firstConnection, install, uninstall } from './application.js';
import { counterAt, readCounter } from './counter.js';
import { bake } from './grenadine.js';
import { fetchFrom } from './http-client.js';

const single = [
  { name: 'node-v4', address: '127.0.0.1:4004' },
  { name: 'node-v6', address: '[::1]:4006' },
  { name: 'node-unix', address: '/run/node-unix.sock' },
];

describe('an address', () => {
  before(async () => {
    await install('node', ...single.map(({ name }) => name), 'node-many', 'node');
  });
  after(() => uninstall(...single.map(({ name }) => name), 'node-many', 'node'));

  for (const { name, address } of single) {
    test(`${address} is transplanted into the restored process`, async () => {
      await bake(name);
      const first = await firstConnection(name, address);
      assert.equal(first.outcome.how, 'restored');
      assert.equal(first.answer.status, 200);
      const second = await firstConnection(name, address);
      assert.equal(second.outcome.how, 'restored');
      assert.equal(readCounter(second.answer.body).bootId, readCounter(first.answer.body).bootId);
    });
  }

  test('a UNIX socket keeps its file and mode over a restore and a stop', async () => {
    const { mode } = await stat('/run/node-unix.sock');
    assert.equal(mode & 0o777, 0o666);
  });

  test('several addresses of one application all work, whichever is connected to first', async () => {
    await bake('node-many');
    const addresses = ['127.0.0.1:4014', '/run/node-many.sock', '[::1]:4016'];
    for (const address of addresses) {
      const { outcome } = await firstConnection('node-many', address);
      assert.equal(outcome.how, 'restored');
      const boots = await Promise.all(addresses.map(async (each) => (await counterAt(each)).bootId));
      assert.equal(new Set(boots).size, 1);
    }
  });

  test('a bare port is reached over IPv4 and IPv6', async () => {
    await bake('node');
    for (const address of ['127.0.0.1:4000', '[::1]:4000']) {
      const { outcome } = await firstConnection('node', address);
      assert.equal(outcome.how, 'restored');
    }
  });

  test('the application sees the real address of its client', async () => {
    const answer = await fetchFrom('127.0.0.1:4004', '/peer');
    assert.deepEqual(JSON.parse(answer.body), { address: '127.0.0.1', port: answer.clientPort });
  });
});
