// What a restored application is asked for its answers to be compared: how often, in which order, and what is kept.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { collectAnswers } from '../../activator/bake/collect-answers.js';
import type { Answer } from '../../activator/bake/repeated-tokens.js';
import type { ScratchAddress } from '../../activator/control/control-reply.js';
import { readIni } from '../../generator/config/ini-file.js';
import { readApplication } from '../../generator/config/read-application.js';

describe('an application whose answers are to be compared', () => {
  const asked: string[] = [];
  let server: Server;
  let address: ScratchAddress;

  before(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      if (request.url === '/silent') {
        request.socket.destroy();
        return;
      }
      response.setHeader('Set-Cookie', ['a=1', 'b=2; Path=/']);
      response.writeHead(request.url === '/broken' ? 500 : 200).end(request.url);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    address = { kind: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  });
  after(() => server.close());
  beforeEach(() => {
    asked.length = 0;
  });

  const collect = async (lines: string): Promise<readonly Answer[]> => {
    const text = `[Application]\nExecStart=/bin/a\nListenStream=80\n${lines}`;
    const read = readApplication('web', [readIni('web.conf', text)], { keep: 3 });
    assert.equal(read.kind, 'read');
    return collectAnswers(address, read.application.warmup);
  };

  test('is asked for its paths, each once, in turn and three times', async () => {
    await collect('[Warmup]\nReadyPath=/up\nRequest=GET /a\nRequest=GET /up\n');
    assert.deepEqual(asked, ['GET /up', 'GET /a', 'GET /up', 'GET /a', 'GET /up', 'GET /a']);
  });

  test('has each header and the body kept, of an error, too', async () => {
    const [first] = await collect('[Warmup]\nReadyPath=/broken\n');
    assert.deepEqual([first?.request, first?.body], ['GET /broken', '/broken']);
    assert.deepEqual(
      first?.headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value),
      ['a=1', 'b=2; Path=/'],
    );
  });

  test('that does not answer is left out of it', async () => {
    assert.deepEqual(await collect('[Warmup]\nReadyPath=/silent\n'), []);
  });

  test('with many paths is asked for the first eight', async () => {
    await collect(`[Warmup]\n${Array.from({ length: 9 }, (_, at) => `Request=GET /${at}\n`).join('')}`);
    assert.equal(asked.length, 3 * 8);
    assert.ok(!asked.includes('GET /7'));
  });
});
