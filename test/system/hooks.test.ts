/** BeforeDump=: an application is told that its snapshot is about to be made. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { install } from './application.js';
import { bake, grenadine, jsonRows } from './grenadine.js';
import { journalCursor, linesOf } from './journal.js';
import { askRestored, configure, forget } from './memory.js';

describe('an application with BeforeDump=', () => {
  beforeEach(() => install('node', 'node'));
  afterEach(() => forget('node'));

  test('is told by request and by signal, in that order, after the warm-up, and once', async () => {
    const hooks = 'BeforeDump=POST /print?text=prepare\nBeforeDump=SIGUSR2\nBeforeDump=GET /slow?ms=50';
    await configure('node', `[Warmup]\nRequest=GET /print?text=warm\nRepeat=2\n[Snapshot]\n${hooks}`);
    const cursor = await journalCursor();
    await bake('node');
    const lines = await linesOf('node-bake.service', cursor);
    const told = lines.filter((line) => /^(warm|prepare|told by SIGUSR2)$/.test(line));
    assert.deepEqual(told, ['warm', 'warm', 'prepare', 'told by SIGUSR2']);
    assert.match(await askRestored({ name: 'node', address: '127.0.0.1:4000' }, '/'), /"bootId"/);
  });

  test('that answers with an error is not dumped', async () => {
    await configure('node', '[Snapshot]\nBeforeDump=POST /nowhere');
    const { status, stderr } = await grenadine('bake', 'node');
    assert.equal(status, 6);
    assert.match(stderr, /before-dump-failed.*POST \/nowhere.*404/);
    assert.deepEqual(await jsonRows('list', 'node'), []);
  });
});
