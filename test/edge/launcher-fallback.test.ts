// What the launcher does with a restore that came to nothing: the next rung, at last the cold boot, in the same process
// and on the same sockets, where there is no bus and with a stand-in for criu.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rm } from 'node:fs/promises';

import { createConnection, type Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { planFor } from './launcher/plan-text.js';
import {
  openPrivateHost,
  skip,
  type Launcher,
  type PrivateHost,
  type Snapshot,
} from './launcher/private-host.js';

const first = 'aaaaaaaaaaaa';
const everywhere = `0-${availableParallelism() - 1}`;
const cold = ['--', '/bin/sh', '-c', 'exit 5'];

let host: PrivateHost;

const outcome = async (): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(await host.outcome());

/** Puts a snapshot in place whose restore does `what`, and starts the launcher. */
async function start(
  what: Snapshot['what'],
  script = 'exit 0',
  changes: Parameters<typeof planFor>[2] = {},
): Promise<Launcher> {
  await host.addSnapshot({ id: first, what, plan: await planFor(host, first, changes), script });
  return host.start(cold);
}

/** The same, and a client has connected before the application is restored: the plan comes through a FIFO. */
async function startForClient(
  script: string,
  changes: Parameters<typeof planFor>[2] = {},
): Promise<{ readonly launcher: Launcher; readonly client: Socket }> {
  const plan = await planFor(host, first, changes);
  await host.addSnapshot({ id: first, what: 'succeed', plan, script });
  const path = join(host.directory, 'state/web/snapshots', first, 'plan');
  await rm(path);
  await promisify(execFile)('mkfifo', [path]);
  const launcher = host.start(cold);
  // Blocks until the launcher reads it: the sockets are there by then.
  const fifo = await open(path, 'w');
  const client = createConnection(join(host.directory, 'one.sock'));
  await once(client, 'connect');
  // The sockets go with the launcher.
  client.on('error', () => undefined);
  await fifo.write(plan);
  await fifo.close();
  return { launcher, client };
}

describe('a restored application', { skip }, () => {
  before(async () => {
    host = await openPrivateHost({ hasCriu: true });
  });
  after(() => host.close());
  afterEach(() => rm(join(host.directory, 'state/web'), { recursive: true, force: true }));

  test('that ends before it has accepted who waited is followed by the cold boot', async () => {
    const { launcher, client } = await startForClient('exit 9');
    assert.equal((await launcher.ended).status, 5);
    client.destroy();
    const said = await outcome();
    assert.deepEqual([said['how'], said['reason']], ['cold', 'ended-early']);
    assert.match(
      said['failed'] ?? '',
      /^aaaaaaaaaaaa ended-early .* ended with exit status 9, \d+ ms after it was ready/,
    );
  });

  test('that dies of a signal before it has accepted who waited is followed by it, too', async () => {
    const { launcher, client } = await startForClient('kill -SEGV $$');
    assert.equal((await launcher.ended).status, 5);
    client.destroy();
    assert.match((await outcome())['detail'] ?? '', /was ended by SIGSEGV/);
  });

  test('that has not accepted who waited at its deadline is followed by it, too', async () => {
    const { launcher, client } = await startForClient('exec sleep 1000', { deadlineMs: 300 });
    assert.equal((await launcher.ended).status, 5);
    client.destroy();
    const said = await outcome();
    assert.deepEqual([said['how'], said['reason']], ['cold', 'no-answer']);
    assert.match(said['detail'] ?? '', /took none of the waiting connections for \d+ ms, and was therefore/);
  });

  test('that serves one listener is at work, whoever waits at another', async () => {
    const server = `require('net').createServer(() => console.log('took one')).listen({ fd: 4 }, () => console.log('up'));
      setTimeout(() => process.exit(7), 3000);`;
    const script = `exec ${process.execPath} -e "${server}"`;
    const { launcher, client } = await startForClient(script, { deadlineMs: 2000 });
    // Before that it would be one of those who wait, too.
    await launcher.saw('up');
    const served = createConnection(join(host.directory, 'two.sock')).on('error', () => undefined);
    await launcher.saw('took one');
    assert.equal((await launcher.ended).status, 7);
    for (const one of [client, served]) one.destroy();
    assert.equal((await outcome())['how'], 'restored');
  });

  test('that ends while nobody waits ends the service, as a booted one would', async () => {
    assert.equal((await (await start('succeed', 'exit 9')).ended).status, 9);
    assert.equal((await outcome())['how'], 'restored');
  });

  test('that is signalled is not taken for one that failed, whoever waits', async () => {
    const { launcher, client } = await startForClient(
      "trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done",
    );
    await launcher.saw('ready');
    launcher.process.kill('SIGTERM');
    assert.equal((await launcher.ended).status, 3);
    client.destroy();
    assert.equal((await outcome())['how'], 'restored');
  });
});

describe('a restore that fails', { skip }, () => {
  before(async () => {
    host = await openPrivateHost({ hasCriu: true });
  });
  after(() => host.close());
  afterEach(() => rm(join(host.directory, 'state/web'), { recursive: true, force: true }));

  test('without a word of criu says how that ended, and not what it said another time', async () => {
    await (
      await start('fail')
    ).ended;
    assert.match((await outcome())['detail'] ?? '', /it was told to fail/);
    await (
      await start('crash')
    ).ended;
    const said = await outcome();
    assert.equal(said['reason'], 'restore-failed');
    assert.match(said['detail'] ?? '', /criu was ended by SIGABRT, and left no error/);
  });

  test('says each error of criu once, and that there were more where they do not fit', async () => {
    await (
      await start('repeat')
    ).ended;
    const said = ((await outcome())['detail'] ?? '').split('; ');
    assert.deepEqual(said.slice(0, 2), [
      'failed to restore with criu: Error (fake/criu.c:1): it was told to fail',
      'Error (fake/criu.c:2): it was told so',
    ]);
    assert.match(said[2] ?? '', /^Error \(fake\/criu\.c:3\): ö+…$/);
    assert.equal(said.length, 3);
  });

  test('for want of what the host should have does not blame the snapshot', async () => {
    await (
      await start('lack')
    ).ended;
    assert.equal((await outcome())['reason'], 'host-refused');
  });

  test('is waited for longer while others have the processor', async () => {
    const onOne = (cpus: string) =>
      promisify(execFile)('taskset', ['--pid', '--cpu-list', cpus, `${process.pid}`]);
    await onOne('0');
    const others = Array.from({ length: 4 }, () => spawn('/bin/sh', ['-c', 'while :; do :; done']));
    try {
      // Alone it takes less than half of that.
      assert.equal((await (await start('toil', 'exit 9', { deadlineMs: 700 })).ended).status, 9);
    } finally {
      for (const other of others) other.kill();
      await onOne(everywhere);
    }
    const said = await outcome();
    assert.equal(said['how'], 'restored');
    assert.ok(Number(said['criu-us']) - Number(said['criu-start-us']) > 700_000, said['criu-us']);
  });

  test('later than systemd would wait has the start extended', async () => {
    const path = join(host.directory, 'notify');
    const notified = spawn(join(host.directory, 'notified'), [path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: notified.stdout })[Symbol.asyncIterator]();
    assert.equal((await lines.next()).value, 'listening');
    await host.addSnapshot({
      ...{ id: first, what: 'fail' },
      plan: await planFor(host, first, { deadlineMs: 20_000 }),
    });
    await host.start(cold, { NOTIFY_SOCKET: '/run/systemd/notify' }).ended;
    assert.match(String((await lines.next()).value), /^EXTEND_TIMEOUT_USEC=(99|100)\d{6}$/);
    assert.equal((await lines.next()).value, 'READY=1');
    notified.kill();
  });

  test('for its plan is missing is one of a damaged snapshot', async () => {
    await host.addSnapshot({ id: first, what: 'succeed', plan: '' });
    await rm(join(host.directory, 'state/web/snapshots', first, 'plan'));
    assert.equal((await host.start(cold).ended).status, 5);
    assert.equal((await outcome())['reason'], 'plan-invalid');
  });
});
