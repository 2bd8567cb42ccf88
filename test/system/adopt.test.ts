/**
 * An application that binds its addresses by itself gets systemd's sockets in their place, at its cold boot as in a
 * bake; after a restore it has them as any other has.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { configure, firstConnection, install, stop, uninstall } from './application.js';
import { bake, grenadine, jsonRow, type Json } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { journalCursor, linesOf, waitForLine } from './journal.js';
import { mustRun } from './run-command.js';
import { systemctl } from './systemctl.js';

const [v4, v6] = ['127.0.0.1:5040', '[::1]:5041'] as const;

interface Told {
  readonly names: readonly string[];
  readonly blocking: readonly boolean[];
  readonly inheritable: readonly boolean[];
  readonly passed: string;
  readonly datagrams: string;
}

/** What the program tells on a first connection. */
async function told(how: 'cold' | 'restored', address: string = v4): Promise<Told> {
  const { answer, outcome } = await firstConnection('binder', address);
  assert.equal(outcome.how, how, outcome.detail);
  return JSON.parse(answer.body) as Told;
}

async function answersAt(path: string): Promise<void> {
  assert.match(await mustRun(['curl', '--silent', '--unix-socket', path, 'http://x/']), /names/);
}

async function listens(addresses: string, streams: readonly string[], more = ''): Promise<void> {
  const lines = [
    'ExecStart=',
    `ExecStart=/usr/bin/python3 /srv/binder/server.py ${addresses}`,
    'ListenStream=',
    ...streams.map((stream) => `ListenStream=${stream}`),
    more,
  ];
  await stop('binder');
  await configure('binder', `[Application]\n${lines.join('\n')}`);
  // One start after the other is a test's habit, no operator's.
  await systemctl('reset-failed', 'binder.socket');
  await systemctl('restart', 'binder.socket');
}

describe('an application that binds its addresses by itself', () => {
  before(() => install('binder', 'binder'));
  after(() => uninstall('binder'));

  const asItBound: Told = {
    names: ["('127.0.0.1', 5040)", "('::1', 5041, 0, 0)"],
    blocking: [false, false],
    inheritable: [false, false],
    passed: '2',
    datagrams: "('127.0.0.1', 5040)",
  };

  test('boots cold on the sockets that systemd holds, with its own flags, and keeps its datagrams', async () => {
    assert.deepEqual(await told('cold'), asItBound);
    assert.equal((await fetchFrom(v6, '/')).status, 200);
  });

  test('is dumped while it serves', async () => {
    await told('cold');
    const { status, stderr } = await grenadine('dump', 'binder');
    assert.equal(status, 0, stderr);
    assert.deepEqual(await told('restored'), asItBound);
  });

  test('is baked beside itself while it serves, and restored on the same sockets', async () => {
    await bake('binder');
    assert.equal((await fetchFrom(v4, '/')).status, 200);
    assert.deepEqual(await told('restored'), asItBound);
    assert.deepEqual(await told('restored', v6), asItBound);
  });

  test('is asked about nothing any more once it was restored', async () => {
    await told('restored');
    assert.equal((await fetchFrom(v4, '/bind/127.0.0.1:5049')).body, '"bound"');
    assert.equal((await fetchFrom(v4, `/bind/${v4}`)).body, '"Address already in use"');
  });

  test('is switched to a newer snapshot', async () => {
    await told('restored');
    await systemctl('reload', 'binder.service');
    assert.equal((await fetchFrom(v6, '/')).status, 200);
  });
});

describe('the socket of an application that binds', () => {
  before(() => install('binder', 'binder'));
  afterEach(() => stop('binder'));
  after(() => uninstall('binder'));

  test('is the one of its port on every address where there is none of its very own', async () => {
    await listens('[::1]:5040', ['5040']);
    assert.deepEqual((await told('cold')).names, ["('::', 5040, 0, 0)"]);
    await bake('binder');
    assert.deepEqual((await told('restored')).names, ["('::', 5040, 0, 0)"]);
  });

  test('is one of IPv6 for an application that binds IPv4 if that is what there is, and the journal says so', async () => {
    await listens('0.0.0.0:5040', ['5040']);
    const cursor = await journalCursor();
    await told('cold');
    await waitForLine(
      'binder.service',
      /^The application binds 0\.0\.0\.0:5040 and gets \[::\]:5040\. For IPv4 addresses as it expects them: ListenStream=0\.0\.0\.0:5040$/,
      cursor,
    );
  });

  test('is its very own where there are two of its port', async () => {
    await listens('127.0.0.1:5040 127.0.0.2:5040', ['127.0.0.2:5040', '127.0.0.1:5040']);
    const names = ["('127.0.0.1', 5040)", "('127.0.0.2', 5040)"];
    assert.deepEqual((await told('cold')).names, names);
    await bake('binder');
    assert.deepEqual((await told('restored', '127.0.0.2:5040')).names, names);
  });

  test('may be a UNIX one with an abstract name', async () => {
    await listens('127.0.0.1:5040 @binder', ['127.0.0.1:5040', '@binder']);
    assert.deepEqual((await told('cold')).names, ["('127.0.0.1', 5040)", "b'\\x00binder'"]);
    await bake('binder');
    await told('restored');
    assert.match(
      await mustRun(['curl', '--silent', '--abstract-unix-socket', 'binder', 'http://x/']),
      /names/,
    );
  });

  for (const sockets of ['auto', 'adopt']) {
    test(`may be a file, which stays there whatever is done about stale ones, with Sockets=${sockets}`, async () => {
      await listens(
        '127.0.0.1:5040 /run/binder.sock',
        ['127.0.0.1:5040', '/run/binder.sock'],
        `Sockets=${sockets}\nUser=root`,
      );
      const names = ["('127.0.0.1', 5040)", '/run/binder.sock'];
      assert.deepEqual((await told('cold')).names, names);
      await answersAt('/run/binder.sock');
      await bake('binder');
      await answersAt('/run/binder.sock');
      assert.deepEqual((await told('restored')).names, names);
      assert.equal((await fetchFrom(v4, '/remove//run/binder.sock')).body, '"Device or resource busy"');
      await answersAt('/run/binder.sock');
    });
  }

  test('is not given to an application that is passed its sockets and no more', async () => {
    await listens('127.0.0.1:5040', ['127.0.0.1:5040'], 'Sockets=pass');
    const cursor = await journalCursor();
    const { status } = await grenadine('bake', 'binder');
    assert.notEqual(status, 0);
    assert.ok((await linesOf('binder-bake.service', cursor)).length > 0);
  });

  test('is all that an application has which is not to be passed any', async () => {
    await listens('127.0.0.1:5040', ['127.0.0.1:5040'], 'Sockets=adopt');
    assert.equal((await told('cold')).passed, '');
    await bake('binder');
    assert.equal((await told('restored')).passed, '');
  });

  test('stays its own where no ListenStream= names it, and everybody says which one is missing', async () => {
    await listens('127.0.0.1:5040 127.0.0.1:5048', ['127.0.0.1:5040']);
    const cursor = await journalCursor();
    await told('cold');
    assert.equal((await fetchFrom('127.0.0.1:5048', '/')).status, 200);
    await waitForLine(
      'binder.service',
      /^The application binds 127\.0\.0\.1:5048, which no ListenStream= names: .* ListenStream=127\.0\.0\.1:5048$/,
      cursor,
    );
    // While what serves holds that port.
    const { status, stderr } = await grenadine('bake', 'binder');
    assert.notEqual(status, 0);
    assert.match(
      stderr,
      /\(foreign-listener\): the application listens on 127\.0\.0\.1:5048, .*add ListenStream=127\.0\.0\.1:5048,/,
    );
    const degraded = String((await jsonRow('status', 'binder'))['degraded']);
    assert.match(degraded, /\(foreign-listener\): .* ListenStream=127\.0\.0\.1:5048,/);
    assert.match((await grenadine('status', 'binder')).stdout, /State: active .*, degraded\n/);
    const rows = JSON.parse((await grenadine('doctor', 'binder', '--json')).stdout) as Json[];
    assert.deepEqual(
      rows
        .filter(({ holds }) => holds === 'listener')
        .map(({ what, result, handling }) => [what, result, /^(bound|no)/.exec(String(handling))?.[1]]),
      [
        ['ListenStream=127.0.0.1:5040', 'ok', 'bound'],
        ['127.0.0.1:5048', 'failed', 'no'],
      ],
    );
    assert.equal((await fetchFrom('127.0.0.1:5048', '/')).status, 200);
    await told('cold');
  });

  test('is that of no snapshot where the kernel has chosen its port', async () => {
    await listens('127.0.0.1:5040 127.0.0.1:0', ['127.0.0.1:5040']);
    const { stderr } = await grenadine('bake', 'binder');
    assert.match(stderr, /\(foreign-listener\): .*, a port that the kernel has chosen: have it take a port/);
  });
});
