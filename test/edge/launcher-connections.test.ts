// Connections over UNIX sockets at a dump: what a workbench shuts down, what it names, and what nobody touches.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { ask, openPrivateHost, skip, type Launcher, type PrivateHost } from './launcher/private-host.js';

const dump = 'dump /run/grenadine/images leave-running 1048576';

describe('a connection over a UNIX socket', { skip }, () => {
  let host: PrivateHost;
  let service: Server;
  let path: string;
  let launcher: Launcher | undefined;
  const accepted: Socket[] = [];

  before(async () => {
    host = await openPrivateHost({ hasCriu: true });
    path = join(host.directory, 'service.sock');
  });
  after(() => host.close());
  beforeEach(() => mkdir(join(host.directory, 'run/images')));
  afterEach(async () => {
    launcher?.process.kill('SIGKILL');
    await launcher?.ended;
    for (const socket of accepted.splice(0)) socket.destroy();
    service.close();
    await rm(join(host.directory, 'run/images'), { recursive: true });
  });

  /** Somebody outside whom the application can connect to. */
  const open = async (options: { readonly closesItsEnd: boolean }): Promise<void> => {
    service = createServer({ allowHalfOpen: !options.closesItsEnd }, (socket) => {
      accepted.push(socket.resume());
    });
    await once(service.listen(path), 'listening');
  };

  const until = async (unit: string): Promise<void> => {
    const deadline = AbortSignal.timeout(10_000);
    while ((await ask(host, unit, 'state').catch(() => '')) === '') deadline.throwIfAborted();
  };

  /** Boots a Node program on a workbench, and waits until it says that it has connected. */
  const bootAside = async (program: string): Promise<Launcher> => {
    const workbench = host.startBake(['--listener=8080', '--', process.execPath, '-e', program]);
    launcher = workbench;
    await until('web-bake');
    assert.match(await ask(host, 'web-bake', 'boot'), /^ok /);
    await workbench.saw('connected');
    return workbench;
  };

  const connecting = (more: string): string =>
    `const path = ${JSON.stringify(path)}; setInterval(() => {}, 1000);
    const connect = () => require('node:net').connect({ path, allowHalfOpen: ${more.includes('stay')} })
      .on('connect', () => console.log('connected')).on('error', ({ code }) => console.log(code))
      .resume().on('close', () => { console.log('closed'); ${more} });
    connect();`;

  test('is shut down on a workbench, and both sides hear of it', async () => {
    await open({ closesItsEnd: true });
    const workbench = await bootAside(connecting(''));
    assert.match(await ask(host, 'web-bake', dump), /^ok ms=\d+$/);
    await workbench.saw('closed');
    assert.equal(accepted[0]?.readableEnded, true);
  });

  test('that is made anew at once is refused from then on, to the application alone', async () => {
    await open({ closesItsEnd: true });
    const workbench = await bootAside(connecting('connect()'));
    assert.match(await ask(host, 'web-bake', dump), /^ok ms=\d+$/);
    await workbench.saw('ECONNREFUSED');
    const other = connect(path);
    await once(other, 'connect');
    other.destroy();
  });

  test('that neither side closes is named on a workbench', async () => {
    await open({ closesItsEnd: false });
    await bootAside(connecting('/* stay */'));
    const answer = await ask(host, 'web-bake', dump);
    assert.ok(answer.startsWith('error outside-connection '), answer);
    assert.ok(answer.includes(`'${path}' of process ${process.pid} (`), answer);
  });

  test('of an application that serves is named, and goes on', async () => {
    await open({ closesItsEnd: true });
    const serving = host.start(['--', process.execPath, '-e', connecting('')]);
    launcher = serving;
    await serving.saw('connected');
    await until('web');
    const answer = await ask(host, 'web', dump);
    assert.ok(answer.includes(`outside-connection the application holds a connection to '${path}'`), answer);
    assert.equal(accepted[0]?.readableEnded, false);
  });

  test('between processes of the application is left alone', async () => {
    await open({ closesItsEnd: true });
    const child = `process.on('message', (word) => process.send(word))`;
    const workbench = await bootAside(
      `const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}],
        { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      child.on('message', (word) => console.log(word));
      process.on('SIGUSR2', () => child.send('answered'));
      child.send('connected');`,
    );
    assert.match(await ask(host, 'web-bake', dump), /^ok ms=\d+$/);
    assert.equal(await ask(host, 'web-bake', 'kill SIGUSR2'), 'ok');
    await workbench.saw('answered');
  });
});
