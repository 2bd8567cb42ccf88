/** A Rails application with a database, under puma: pages, JSON, writes, and what a restore must not lose or repeat. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { firstConnection, install, stop, uninstall } from './application.js';
import { bake } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { onlyChild, viewProcess } from './process-tree.js';
import { mustRun } from './run-command.js';
import { mainPid } from './systemctl.js';

const address = '127.0.0.1:3000';
const json = { 'content-type': 'application/json', accept: 'application/json' };

async function write(title: string): Promise<number> {
  const body = JSON.stringify({ article: { title, body: 'Written by a test.' } });
  const { status } = await fetchFrom(address, '/articles', { method: 'POST', headers: json, body });
  return status;
}

/** An article written with sqlite3(1), after a command of that program, while Rails does not run. */
async function writeByHand(command: string): Promise<void> {
  await stop('rails');
  const database = '/srv/rails/shared/storage/production.sqlite3';
  const now = "datetime('now')";
  const row = `insert into articles (title, body, created_at, updated_at) values ('By hand', 'x', ${now}, ${now})`;
  const asUser = ['setpriv', '--reuid=deploy', '--regid=deploy', '--clear-groups'];
  await mustRun([...asUser, 'sqlite3', '-cmd', command, database, row]);
}

async function titles(): Promise<readonly string[]> {
  const { body } = await fetchFrom(address, '/articles.json');
  return [...body.matchAll(/"title":"([^"]*)"/g)].map((match) => match[1] ?? '');
}

describe('a Rails application', () => {
  before(async () => {
    // Releases are numbered, and those of other tests would count.
    await rm('/srv/rails', { recursive: true, force: true });
    await install('rails', 'rails');
    const { outcome } = await firstConnection('rails', address, '/articles');
    assert.equal(outcome.how, 'cold');
    await bake('rails');
  });
  after(() => uninstall('rails'));

  test('is restored on the first connection, with its page right', async () => {
    const { answer, outcome } = await firstConnection('rails', address, '/articles');
    assert.equal(outcome.how, 'restored');
    assert.equal(answer.status, 200);
    assert.match(answer.body, /<h1>Articles<\/h1>/);
    assert.match(answer.body, /25 articles/);
    assert.equal(answer.headers['x-revision'], '1');
  });

  test('reads, and writes, its database after a restore', async () => {
    assert.equal((await titles()).length, 25);
    assert.equal(await write('First after the restore'), 201);
    assert.ok((await titles()).includes('First after the restore'));
  });

  test('comes back to a database that grew since the snapshot', async () => {
    const { outcome } = await firstConnection('rails', address);
    assert.equal(outcome.how, 'restored');
    assert.ok((await titles()).includes('First after the restore'));
    assert.equal(await write('Second after the restore'), 201);
  });

  test('is restored to see what somebody else wrote while it did not run', async () => {
    await writeByHand('.filectrl persist_wal 1');
    const { answer, outcome } = await firstConnection('rails', address, '/articles');
    assert.equal(outcome.how, 'restored');
    assert.match(answer.body, /By hand/);
  });

  test('has its own words in the page of a form, with a token that works', async () => {
    const { body } = await fetchFrom(address, '/articles/new');
    assert.match(body, /name="authenticity_token"/);
  });

  test('gives three restores cookies and tokens against forgery of their own', async () => {
    const drawn = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const { answer, outcome } = await firstConnection('rails', address, '/articles');
      assert.equal(outcome.how, 'restored', outcome.detail);
      const [, cookie = ''] = /_session=([^;]{40,})/.exec(String(answer.headers['set-cookie'])) ?? [];
      const [, shown = ''] = /name="csrf-token" content="([^"]{40,})"/.exec(answer.body) ?? [];
      assert.ok(cookie !== '' && shown !== '');
      // The first half is drawn for each page, and masks the second.
      const token = Buffer.from(shown, 'base64url');
      const half = token.length / 2;
      const unmasked = token.subarray(half).map((byte, at) => byte ^ (token[at] ?? 0));
      for (const value of [cookie, shown, Buffer.from(unmasked).toString('hex')]) drawn.add(value);
    }
    assert.equal(drawn.size, 9);
  });

  test('runs as its user', async () => {
    const application = await viewProcess(await onlyChild(await onlyChild(await mainPid('rails.service'))));
    const uid = Number(await mustRun(['id', '-u', 'deploy']));
    assert.deepEqual(application.uids, [uid, uid, uid, uid]);
  });

  test('is answered for though somebody else took away a file that the snapshot has open', async () => {
    // As the last one to close the database, sqlite3 removes the -wal and -shm files.
    await writeByHand('.echo off');
    const { answer } = await firstConnection('rails', address, '/articles');
    assert.equal(answer.status, 200);
    assert.equal(answer.body.match(/By hand/g)?.length, 2);
  });
});
