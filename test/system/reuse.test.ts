/** How many starts a snapshot serves: an application whose sessions would repeat has each start use one up. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, afterEach, before, describe, test } from 'node:test';
import { configure, firstConnection, install, setBake, uninstall } from './application.js';
import { bake, grenadine, jsonRow, jsonRows } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { journalCursor, waitForLine } from './journal.js';
import { mustRun } from './run-command.js';
import { systemctl } from './systemctl.js';

const name = 'sessions';
const address = '127.0.0.1:5090';
const activator = 'grenadine-activator.service';
const found =
  /two restores of it gave out the same random text in Set-Cookie: sid of GET \/ \(32 characters\)/;

/** The session of the first visitor after a start, and how that start came up. */
async function firstSession(): Promise<{ readonly sid: string; readonly how: string }> {
  const { answer, outcome } = await firstConnection(name, address);
  const sid = /sid=([0-9a-f]{32})/.exec(String(answer.headers['set-cookie']))?.[1];
  assert.ok(sid !== undefined, JSON.stringify(answer.headers));
  return { sid, how: outcome.how };
}

describe('an application whose sessions a restore would repeat', () => {
  before(() => install('sessions', name));
  afterEach(() => configure(name, ''));
  after(() => uninstall(name));

  test('is found out by its bake, and list and status say what that means', async () => {
    const id = await bake(name);
    const [row] = await jsonRows('list', name);
    assert.deepEqual([row?.['id'], row?.['reuse'], row?.['used']], [id, 'once', false]);
    assert.match(String(row?.['reuse-why']), found);
    assert.match(await mustRun(['grenadine', 'list', name]), /valid for one start: two restores/);
    assert.match(await mustRun(['grenadine', 'list']), /each start uses a snapshot up/);
    assert.match(
      await mustRun(['grenadine', 'status', name]),
      /Reuse: each start uses a snapshot up.* sid of/,
    );
  });

  test('gives out no session twice, and has the next snapshot baked by itself', async () => {
    await setBake('auto');
    await systemctl('daemon-reload');
    const cursor = await journalCursor();
    const first = await firstSession();
    assert.match(await mustRun(['grenadine', 'why', name]), /Reuse: each start uses a snapshot up/);
    await waitForLine(activator, /^sessions: published snapshot/, cursor);
    const second = await firstSession();
    // At once: most often nothing is baked yet.
    const third = await firstSession();
    assert.deepEqual([first.how, second.how], ['restored', 'restored']);
    assert.equal(new Set([first.sid, second.sid, third.sid]).size, 3);
    await waitForLine(activator, /^sessions: removed snapshot/, cursor);
    await setBake('manual');
  });

  test('is not switched to a snapshot that was used up, and the switch before uses one up, too', async () => {
    await fetchFrom(address, '/');
    const id = await bake(name);
    assert.equal((await grenadine('restore', name, '--from', id)).status, 0);
    const rows = await jsonRows('list', name);
    assert.deepEqual(
      rows.filter((row) => row['id'] === id).map((row) => [row['used'], row['valid']]),
      [[true, false]],
    );
    const { status, stderr } = await grenadine('restore', name, '--from', id);
    assert.notEqual(status, 0);
    assert.match(stderr, /cannot serve: a start has used it up/);
    // To one that is left, or to none: the pin goes in any case.
    await grenadine('restore', name, '--latest');
    assert.ok((await jsonRows('list', name)).every((row) => row['pinned'] === false));
  });

  test('is not dumped while it goes on, for it would draw the same as its snapshot', async () => {
    const { status, stderr } = await grenadine('dump', name);
    assert.notEqual(status, 0);
    assert.match(stderr, /dump-repeats/);
  });

  test('repeats itself with Reuse=always, and the journal and the status say so', async () => {
    await configure(name, '[Snapshot]\nReuse=always\nPresets=no');
    const cursor = await journalCursor();
    await bake(name);
    const said = /^sessions: each restore repeats random numbers, for Reuse=always although \S*libcrypto/;
    await waitForLine(activator, said, cursor);
    const [one, other] = [await firstSession(), await firstSession()];
    assert.deepEqual([one.how, other.how], ['restored', 'restored']);
    assert.equal(one.sid, other.sid);
    assert.match(String((await jsonRow('status', name))['reuse-why']), /^Reuse=always, although .*libcrypto/);
  });

  test('has a snapshot for one start where its OpenSSL is known to repeat', async () => {
    await configure(name, '[Snapshot]\nPresets=no');
    await bake(name);
    const [row] = await jsonRows('list', name);
    assert.deepEqual([row?.['reuse'], /libcrypto/.test(String(row?.['reuse-why']))], ['once', true]);
  });
});

describe('Tomcat, as it comes', () => {
  before(() => install('tomcat-stock', 'tomcat-stock'));
  after(() => uninstall('tomcat-stock'));

  test('repeats the ids of its sessions, and has a snapshot for one start', async () => {
    await rm('/var/lib/tomcat10/webapps/visits/META-INF', { recursive: true });
    await bake('tomcat-stock');
    const [row] = await jsonRows('list', 'tomcat-stock');
    assert.equal(row?.['reuse'], 'once');
    assert.match(String(row['reuse-why']), /same random text in Set-Cookie: JSESSIONID of GET \/visits\//);
  });
});
