// The activator's end of a control socket, with a server in the launcher's place.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connectLauncher } from '../../activator/control/control-client.js';

describe('a launcher', () => {
  let directory: string;
  let server: Server;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grenadine-control-'));
    await mkdir(join(directory, 'control'));
    server = createServer((socket) => {
      socket.once('data', () => {
        socket.write('ok ms=1\n', () => socket.destroy());
      });
    }).listen(join(directory, 'control/web-bake.sock'));
    await once(server, 'listening');
  });
  after(async () => {
    server.close();
    await rm(directory, { recursive: true });
  });

  test('that ends right after an answer is gone for the next request, and for nobody else', async () => {
    const launcher = await connectLauncher('web-bake', directory);
    await launcher.boot();
    await assert.rejects(launcher.state(), { code: 'launcher-gone' });
  });
});
