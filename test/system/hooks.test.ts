/** BeforeDump= and AfterRestore=: an application is told that its snapshot is about to be made, and that it was restored. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { configure, firstConnection, install, uninstall } from './application.js';
import { bake, grenadine, jsonRows } from './grenadine.js';
import { journalCursor, linesOf, waitForLine } from './journal.js';
import { askRestored } from './memory.js';

const counter = { name: 'node', address: '127.0.0.1:4000' };

describe('an application with BeforeDump=', () => {
  beforeEach(() => install('node', 'node'));
  afterEach(() => uninstall('node'));

  test('is told by request and by signal, in that order, after the warm-up, and once', async () => {
    const hooks = 'BeforeDump=POST /print?text=prepare\nBeforeDump=SIGUSR2\nBeforeDump=GET /slow?ms=50';
    await configure('node', `[Warmup]\nRequest=GET /print?text=warm\nRepeat=2\n[Snapshot]\n${hooks}`);
    const cursor = await journalCursor();
    await bake('node');
    const lines = await linesOf('node-bake.service', cursor);
    const told = lines.filter((line) => /^(warm|prepare|told by SIGUSR2)$/.test(line));
    assert.deepEqual(told, ['warm', 'warm', 'prepare', 'told by SIGUSR2']);
    assert.match(await askRestored(counter, '/'), /"bootId"/);
  });

  test('that answers with an error is not dumped', async () => {
    await configure('node', '[Snapshot]\nBeforeDump=POST /nowhere');
    const { status, stderr } = await grenadine('bake', 'node');
    assert.equal(status, 6);
    assert.match(stderr, /before-dump-failed.*POST \/nowhere.*404/);
    assert.deepEqual(await jsonRows('list', 'node'), []);
  });
});

describe('an application with AfterRestore=', () => {
  beforeEach(() => install('node', 'node'));
  afterEach(() => uninstall('node'));

  test('gets the signal after each restore and none after a cold boot', async () => {
    await configure('node', '[Snapshot]\nAfterRestore=SIGUSR2\nAfterRestore=SIGUSR2');
    const booted = await journalCursor();
    assert.equal((await firstConnection('node', counter.address)).outcome.how, 'cold');
    assert.ok(!(await linesOf('node.service', booted)).includes('told by SIGUSR2'));
    await bake('node');
    for (let round = 0; round < 2; round += 1) {
      const cursor = await journalCursor();
      await askRestored(counter, '/');
      await waitForLine('node.service', 'told by SIGUSR2', cursor);
    }
  });

  test('has no snapshot if it does not bear the signal', async () => {
    await configure('node', '[Snapshot]\nAfterRestore=SIGHUP');
    const { status, stderr } = await grenadine('bake', 'node');
    assert.equal(status, 6);
    assert.match(stderr, /launcher-gone/);
    assert.deepEqual(await jsonRows('list', 'node'), []);
  });
});
