// BeforeDump=: what is sent to the application, in which order, and what fails the bake.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { tellBeforeDump } from '../../activator/bake/before-dump.js';
import type { ScratchAddress } from '../../activator/control/control-reply.js';
import { GrenadineError } from '../../generator/config/error.js';
import type { Hook } from '../../generator/config/application.js';

const post = (path: string): Hook => ({ kind: 'request', method: 'POST', path });

describe('what an application is told before its dump', () => {
  const told: string[] = [];
  let server: Server;
  let address: ScratchAddress;

  before(async () => {
    server = createServer((request, response) => {
      told.push(`${request.method ?? ''} ${request.url ?? ''} of ${request.headers.host ?? ''}`);
      if (request.url === '/silent') request.socket.destroy();
      else response.writeHead(Number(request.url?.slice(1))).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    address = { kind: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  });
  after(() => server.close());
  beforeEach(() => {
    told.length = 0;
  });

  const tell = (...hooks: readonly Hook[]): Promise<void> =>
    tellBeforeDump(hooks, address, 'shop.example', {
      kill: (signal) => {
        told.push(signal);
        return Promise.resolve();
      },
      run: (words) => {
        told.push(words.join(' '));
        return words[0] === '/bin/false'
          ? Promise.reject(new GrenadineError('command-failed', "'/bin/false' ended with status 1"))
          : Promise.resolve();
      },
    });

  test('comes in the order of the file', async () => {
    await tell({ kind: 'signal', signal: 'SIGHUP' }, post('/204'), {
      kind: 'request',
      method: 'GET',
      path: '/302',
    });
    assert.deepEqual(told, ['SIGHUP', 'POST /204 of shop.example', 'GET /302 of shop.example']);
  });

  test('may be a command, which fails the bake as a request does', async () => {
    const command = (...words: readonly string[]): Hook => ({ kind: 'command', words });
    await assert.rejects(tell(command('/bin/true', 'a'), command('/bin/false'), post('/200')), {
      code: 'before-dump-failed',
    });
    assert.deepEqual(told, ['/bin/true a', '/bin/false']);
  });

  for (const path of ['/404', '/500', '/silent'])
    test(`fails at an answer such as that to ${path}, and goes no further`, async () => {
      await assert.rejects(tell(post(path), post('/200')), { code: 'before-dump-failed' });
      assert.deepEqual(told, [`POST ${path} of shop.example`]);
    });
});
