// The bus wrapper against a real dbus-daemon of its own: deadlines, errors by code, signals, the loss of the bus.

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { openSystemBus, typed, type Bus } from '../../activator/bus/connection.js';
import { GrenadineError } from '../../generator/config/error.js';

const config = (
  path: string,
): string => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=${path}</listen>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
</busconfig>`;

let directory = '';
let daemon: ChildProcess;
let serverLost: GrenadineError | undefined;
let server: Bus;
let client: Bus;
let emit: (member: string, ...body: unknown[]) => void;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'grenadine-bus-'));
  const file = join(directory, 'bus.conf');
  await writeFile(file, config(join(directory, 'bus')));
  daemon = spawn('dbus-daemon', [`--config-file=${file}`, '--nofork', '--print-address=1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.ok(daemon.stdout);
  for await (const line of createInterface({ input: daemon.stdout })) {
    if (line.startsWith('unix:')) break;
  }
  process.env['DBUS_SYSTEM_BUS_ADDRESS'] = `unix:path=${join(directory, 'bus')}`;
  server = await openSystemBus((error) => {
    serverLost = error;
  });
  client = await openSystemBus(() => undefined);
  await server.requestName('org.example.Server');
  emit = server.export(
    '/org/example',
    'org.example.Server',
    {
      Greet: { in: 's', out: 'a{sv}', run: (name) => ({ name: typed('s', name), size: typed('t', 5n) }) },
      Refuse: {
        in: '',
        out: '',
        run: () => {
          throw new GrenadineError('no-such-thing', 'There is no thing.');
        },
      },
      Hang: { in: '', out: '', run: () => new Promise(() => undefined) },
    },
    { Happened: 'ss' },
  );
});

after(async () => {
  daemon.kill();
  await rm(directory, { recursive: true, force: true });
});

const call = (member: string, signature = '', body: readonly unknown[] = []) =>
  client.call({
    destination: 'org.example.Server',
    path: '/org/example',
    interface: 'org.example.Server',
    member,
    signature,
    body,
    timeoutMs: 500,
  });

test('an answer arrives with its variants unwrapped and 64-bit numbers as numbers', async () => {
  assert.deepEqual(await call('Greet', 's', ['you']), [{ name: 'you', size: 5 }]);
});

test('an error of ours crosses the bus with a name made from its code', async () => {
  await assert.rejects(call('Refuse'), {
    code: 'org.grenadine.Error.NoSuchThing',
    message: 'There is no thing.',
  });
});

test('a call that is never answered ends at its deadline', async () => {
  await assert.rejects(call('Hang'), { code: 'bus-timeout' });
});

test('a call with arguments of another type does not reach the method', async () => {
  await assert.rejects(call('Greet', 'u', [1]), { code: 'org.freedesktop.DBus.Error.UnknownMethod' });
});

test('a name that somebody owns cannot be taken', async () => {
  await assert.rejects(client.requestName('org.example.Server'), { code: 'name-taken' });
});

test('a signal reaches who listens for it', async () => {
  const heard = new Promise((resolve) => {
    void client
      .listen("type='signal',interface='org.example.Server'", (signal) => {
        if (signal.member === 'Happened') resolve(signal.body);
      })
      .then(() => {
        emit('Happened', 'one', 'two');
      });
  });
  assert.deepEqual(await heard, ['one', 'two']);
});

test('a bus that takes a connection and says nothing is silent, and is hung up on', async () => {
  const path = join(directory, 'silent');
  const server = createServer();
  const closed = new Promise<void>((resolve) => {
    server.once('connection', (socket) =>
      socket.resume().once('close', () => {
        resolve();
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const address = process.env['DBUS_SYSTEM_BUS_ADDRESS'];
  process.env['DBUS_SYSTEM_BUS_ADDRESS'] = `unix:path=${path}`;
  try {
    await assert.rejects(
      openSystemBus(() => undefined, 50),
      { code: 'bus-silent' },
    );
    await closed;
  } finally {
    process.env['DBUS_SYSTEM_BUS_ADDRESS'] = address;
    server.close();
  }
});

test('the loss of the bus is told once, and calls under way end by their deadline', async () => {
  const pending = call('Hang');
  daemon.kill('SIGKILL');
  await assert.rejects(pending, { code: 'bus-timeout' });
  assert.equal(serverLost?.code, 'bus-lost');
});
