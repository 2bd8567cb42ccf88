// Bytes sent on a real connection, with a server in the application's place.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { sendBytes } from '../../activator/bake/bytes-request.js';

describe('bytes that are sent', () => {
  let server: Server;
  const sockets: Socket[] = [];
  afterEach(() => {
    server.close();
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  /** `halfOpen`: the application does not close a connection because the other end is done with it. */
  async function send(bytes: string, serve: (socket: Socket) => void, halfOpen = false): Promise<void> {
    server = createServer({ allowHalfOpen: halfOpen }, (socket) => {
      sockets.push(socket);
      serve(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    await sendBytes({ kind: 'tcp', host: '127.0.0.1', port: address.port }, Buffer.from(bytes), 1500);
  }

  test('are all that is sent, and anything answers them', async () => {
    let asked = '';
    await send('PING\r\n\0', (socket) => {
      socket.once('data', (chunk) => {
        asked = chunk.toString();
        socket.write('-');
      });
    });
    assert.equal(asked, 'PING\r\n\0');
  });

  test('may be none where the application speaks first', async () => {
    await send('', (socket) => socket.write('220 ready\r\n'));
  });

  test('are answered even where the connection is closed at once, or never', async () => {
    await send('a', (socket) => socket.end('b'));
    server.close();
    await send('a', (socket) => socket.write('b'), true);
  });

  test('fail when nothing comes, with the reason', async () => {
    const reason = (why: RegExp) => (error: { code: string; cause: Error }) =>
      error.code === 'request-failed' && why.test(error.cause.message);
    await assert.rejects(
      send('a', (socket) => socket.end()),
      reason(/closed without an answer/),
    );
    server.close();
    await assert.rejects(
      send('a', () => undefined),
      reason(/nothing came within 1\.5 s/),
    );
  });
});
