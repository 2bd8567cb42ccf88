/** Django under gunicorn with two workers: a tree of processes that shares one socket. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { firstConnection, install, stop, uninstall } from './application.js';
import { bake } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { childrenOf, onlyChild, viewProcess } from './process-tree.js';
import { mainPid, showUnit } from './systemctl.js';

const address = '127.0.0.1:8000';

async function whoAnswers(): Promise<number> {
  const { body } = await fetchFrom(address, '/worker?seconds=0.5');
  return Number(/"pid": (\d+)/.exec(body)?.[1]);
}

describe('a Django project with two workers', () => {
  before(async () => {
    await install('django', 'django');
    await bake('django');
  });
  after(() => uninstall('django'));

  test('is restored on the first connection, with its page right', async () => {
    const { answer, outcome } = await firstConnection('django', address);
    assert.equal(outcome.how, 'restored');
    assert.equal(answer.status, 200);
    assert.match(answer.body, /30 notes/);
  });

  test('comes back as one master with two workers of its user', async () => {
    const master = await onlyChild(await onlyChild(await mainPid('django.service')));
    const workers = await Promise.all((await childrenOf(master)).map(viewProcess));
    assert.equal(workers.length, 2);
    assert.equal(new Set(workers.flatMap(({ uids }) => uids)).size, 1);
    assert.notEqual(workers[0]?.uids[0], 0);
  });

  test('answers two at once with its two workers', async () => {
    const pids = await Promise.all([whoAnswers(), whoAnswers()]);
    assert.equal(new Set(pids).size, 2);
  });

  test('gives three restores sessions, tokens and numbers of their own, whichever worker answers', async () => {
    const drawn = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const { answer, outcome } = await firstConnection('django', address, '/draw');
      assert.equal(outcome.how, 'restored', outcome.detail);
      const secret = /csrftoken=(\w{32,})/.exec(String(answer.headers['set-cookie']))?.[1];
      const { session, random } = JSON.parse(answer.body) as Record<string, string>;
      for (const value of [secret, session, random]) drawn.add(value ?? '');
    }
    assert.ok(!drawn.has(''));
    assert.equal(drawn.size, 9);
  });

  test('stops gracefully', async () => {
    await stop('django');
    assert.equal((await showUnit('django.service'))['Result'], 'success');
  });
});
