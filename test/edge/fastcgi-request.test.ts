// A FastCGI request on a real connection, with a server in the application's place.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { fastcgiGet } from '../../activator/bake/fastcgi-request.js';

describe('a FastCGI request', () => {
  let server: Server;
  afterEach(() => server.close());

  async function ask(answer: (socket: Socket, asked: Buffer) => void): Promise<number> {
    server = createServer((socket) => {
      socket.once('data', (asked) => {
        answer(socket, asked);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const to = { kind: 'tcp', host: '127.0.0.1', port: address.port } as const;
    return fastcgiGet(to, '/srv/public/index.php', '/a?b=c?d', 'shop:8080', 500);
  }

  test('names the script, the path and the host, and is answered with the status', async () => {
    const status = await ask((socket, asked) => {
      const text = asked.toString('latin1');
      const wanted = [
        'SCRIPT_FILENAME/srv/public/index.php',
        'DOCUMENT_ROOT/srv/public',
        'SCRIPT_NAME/index.php',
      ];
      for (const pair of [...wanted, 'REQUEST_URI/a?b=c?d', 'QUERY_STRINGb=c?d', 'SERVER_NAMEshop'])
        assert.ok(text.includes(pair), pair);
      const printed = 'Status: 404 No\r\n\r\n';
      socket.write(Buffer.from([1, 6, 0, 1, 0, printed.length, 0, 0, ...Buffer.from(printed)]));
      socket.end(Buffer.from([1, 3, 0, 1, 0, 8, 0, 0, ...Buffer.alloc(8)]));
    });
    assert.equal(status, 404);
  });

  test('that is not answered, or not in time, fails', async () => {
    await assert.rejects(
      ask((socket) => socket.destroy()),
      { code: 'request-failed' },
    );
    server.close();
    const sockets: Socket[] = [];
    await assert.rejects(
      ask((socket) => sockets.push(socket)),
      { code: 'request-failed' },
    );
    for (const socket of sockets) socket.destroy();
  });
});
