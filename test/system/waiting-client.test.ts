/** Clients that were there before the application was. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { install, stop, uninstall } from './application.js';
import { readCounter } from './counter.js';
import { bake } from './grenadine.js';
import { connectTo, fetchFrom } from './http-client.js';
import { forgetOutcome, waitForOutcome } from './outcome.js';
import { waitUntilStarted } from './systemctl.js';

const address = '127.0.0.1:4000';

describe('a client that connected while nothing ran', () => {
  before(async () => {
    await install('node', 'node');
    await bake('node');
  });
  after(() => uninstall('node'));

  test('is answered when it sends its request long after the restore', async () => {
    await stop('node');
    await forgetOutcome('node');
    const socket = await connectTo(address);
    await waitUntilStarted('node.service');
    assert.equal((await waitForOutcome('node')).how, 'restored');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(socket, 'end');
    assert.match(Buffer.concat(chunks).toString('utf8'), /^HTTP\/1\.1 200 /);
  });

  test('is answered as one of forty, by one boot', async () => {
    await stop('node');
    const answers = await Promise.all(Array.from({ length: 40 }, () => fetchFrom(address, '/')));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.equal(new Set(answers.map(({ body }) => readCounter(body).bootId)).size, 1);
  });

  test('that gave up again disturbs nobody', async () => {
    await stop('node');
    (await connectTo(address)).destroy();
    const answer = await fetchFrom(address, '/');
    assert.equal(answer.status, 200);
  });

  test('is answered when the application ends under it and comes up again', async () => {
    await fetchFrom(address, '/exit?code=3');
    const answer = await fetchFrom(address, '/');
    assert.equal(answer.status, 200);
  });
});
