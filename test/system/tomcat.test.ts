/** Tomcat, which takes systemd's socket as its standard input: a Java machine with some thirty threads, restored. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { firstConnection, install, stop, uninstall } from './application.js';
import { bake, jsonRow } from './grenadine.js';
import { fetchFrom, type HttpAnswer } from './http-client.js';
import { journalCursor, linesOf } from './journal.js';
import { onlyChild, viewProcess } from './process-tree.js';
import { mustRun } from './run-command.js';
import { mainPid, showUnit } from './systemctl.js';

const address = '127.0.0.1:4040';
const path = '/notes';

/** As test/apps/tomcat/Notes.java has them. */
const notes = Array.from({ length: 30 }, (_, index) => {
  const text = `Note ${index + 1}`;
  return { text, sha256: createHash('sha256').update(text).digest('hex') };
});

/** Holds the whole answer to what it should be, and answers how many there were since the boot. */
function checkAnswer({ status, body, clientPort }: HttpAnswer): number {
  assert.equal(status, 200, body);
  const said: unknown = JSON.parse(body);
  assert.ok(typeof said === 'object' && said !== null && 'answers' in said);
  assert.deepEqual(said, { answers: said.answers, peer: `127.0.0.1:${clientPort}`, notes });
  return Number(said.answers);
}

/** A request is logged after its answer, so Tomcat is stopped before its log is read. */
async function loggedRequests(): Promise<number> {
  await stop('tomcat');
  return (await readFile('/srv/tomcat/logs/access.log', 'utf8')).split('\n').length - 1;
}

describe('Tomcat', () => {
  /** In the snapshot, once the application was warmed up and asked whether it is ready. */
  let restoredAnswers: number;

  before(async () => {
    await install('tomcat', 'tomcat');
    const { answer, outcome } = await firstConnection('tomcat', address, path);
    assert.equal(outcome.how, 'cold');
    assert.equal(checkAnswer(answer), 1);
    await bake('tomcat');
  });
  after(() => uninstall('tomcat'));

  test('is restored on the first connection, and answers right', async () => {
    const { answer, outcome } = await firstConnection('tomcat', address, path);
    assert.equal(outcome.how, 'restored', outcome.detail);
    restoredAnswers = checkAnswer(answer);
    assert.ok(restoredAnswers > 20, `${restoredAnswers} answers`);
  });

  test('has its memory mapped, and why says so', async () => {
    const { memory, 'memory-why': why } = await jsonRow('why', 'tomcat');
    assert.deepEqual([memory, why], ['mapped', '']);
  });

  test('runs as its user, on the socket that systemd passed', async () => {
    const machine = await viewProcess(await onlyChild(await onlyChild(await mainPid('tomcat.service'))));
    const uid = Number(await mustRun(['id', '-u', 'tomcat']));
    assert.equal(machine.name, 'java');
    assert.deepEqual(machine.uids, [uid, uid, uid, uid]);
  });

  test('goes on to answer hundreds of requests right', async () => {
    for (let request = 1; request <= 300; request += 1)
      assert.equal(checkAnswer(await fetchFrom(address, path)), restoredAnswers + request);
  });

  test('is restored a second time from where the first one began, with a log that has grown', async () => {
    const logged = await loggedRequests();
    const { answer, outcome } = await firstConnection('tomcat', address, path);
    assert.equal(outcome.how, 'restored', outcome.detail);
    assert.equal(checkAnswer(answer), restoredAnswers);
    assert.equal(await loggedRequests(), logged + 1);
  });

  test('has its log lines in the journal, and stops successfully', async () => {
    const { outcome } = await firstConnection('tomcat', address, path);
    assert.equal(outcome.how, 'restored', outcome.detail);
    const cursor = await journalCursor();
    await stop('tomcat');
    const lines = await linesOf('tomcat.service', cursor);
    assert.ok(
      lines.some((line) => line.includes('Stopping service [Catalina]')),
      lines.join('\n'),
    );
    assert.equal((await showUnit('tomcat.service'))['Result'], 'success');
  });
});
