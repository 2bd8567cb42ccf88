/**
 * What an application has done to its socket before it binds it: systemd's, which it gets in its place, is like its own
 * to it, at a cold boot and after a restore.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { configure, firstConnection, install, stop, uninstall } from './application.js';
import { bake } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { journalCursor, waitForLine } from './journal.js';
import { systemctl } from './systemctl.js';

interface Told {
  readonly seen: readonly boolean[];
  readonly one: boolean;
  readonly inheritable: readonly boolean[];
  readonly options: Readonly<Record<string, string>>;
  readonly inherited: string;
}

/** What the program tells on a second connection: the first one was there before its options. */
async function told(how: 'cold' | 'restored', address: string): Promise<Told> {
  const { answer, outcome } = await firstConnection('binder', address);
  assert.equal(outcome.how, how, outcome.detail);
  assert.deepEqual((JSON.parse(answer.body) as Told).seen, [true, true]);
  return JSON.parse((await fetchFrom(address, '/')).body) as Told;
}

async function listens(words: string, stream: string, more = ''): Promise<void> {
  await stop('binder');
  await configure(
    'binder',
    `[Application]\nExecStart=\nExecStart=/usr/bin/python3 /srv/binder/early.py ${words}\nListenStream=\nListenStream=${stream}\n${more}`,
  );
  await systemctl('reset-failed', 'binder.socket');
  await systemctl('restart', 'binder.socket');
}

/** As getsockopt(2) tells them, which doubles a buffer and rounds up what is counted in retransmissions. */
const options = {
  SO_KEEPALIVE: '01000000',
  SO_PRIORITY: '04000000',
  SO_RCVBUF: 'c0d40100',
  SO_LINGER: '0100000003000000',
  SO_RCVTIMEO: '07000000000000000000000000000000',
  TCP_NODELAY: '01000000',
  TCP_KEEPIDLE: '21000000',
  TCP_USER_TIMEOUT: 'e0ab0000',
  TCP_DEFER_ACCEPT: '07000000',
  TCP_FASTOPEN: '10000000',
};

describe('a socket that systemd gives for one that was prepared before bind(2)', () => {
  before(() => install('binder', 'binder'));
  afterEach(() => stop('binder'));
  after(() => uninstall('binder'));

  const asPrepared: Told = {
    seen: [true, true],
    one: true,
    inheritable: [false, true],
    options,
    inherited: '01000000',
  };

  for (const sockets of ['auto', 'adopt']) {
    test(`has its options, its numbers and its places in epoll instances, with Sockets=${sockets}`, async () => {
      const address = '127.0.0.1:5040';
      await listens(address, address, `Sockets=${sockets}`);
      assert.deepEqual(await told('cold', address), asPrepared);
      await bake('binder');
      // What was set on the old one is gone.
      await stop('binder');
      await systemctl('restart', 'binder.socket');
      assert.deepEqual(await told('restored', address), asPrepared);
    });
  }

  test('is not that of a child that has inherited the other one, and the journal says so', async () => {
    await listens('127.0.0.1:5040 fork', '127.0.0.1:5040');
    const cursor = await journalCursor();
    assert.deepEqual(await told('cold', '127.0.0.1:5040'), asPrepared);
    await waitForLine(
      'binder.service',
      /^Process \d+ has inherited the socket that the application binds to 127\.0\.0\.1:5040 before it was bound, and cannot listen on it, ignoring$/,
      cursor,
    );
  });

  test('has IPV6_V6ONLY as systemd has bound it, and the journal says what to set', async () => {
    await listens('[::]:5040', '5040');
    const cursor = await journalCursor();
    await told('cold', '[::1]:5040');
    await waitForLine(
      'binder.service',
      /^The application has set IPV6_V6ONLY=1 on its socket for port 5040, and gets one with 0\. As it expects it: BindIPv6Only=ipv6-only in \[Socket\] of binder\.socket$/,
      cursor,
    );
  });
});
