/** BeforeDump= and AfterRestore=: an application is told that its snapshot is about to be made, and that it was restored. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { configure, firstConnection, install, stop, uninstall } from './application.js';
import { bake, grenadine, jsonRow, jsonRows } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { journalCursor, linesOf, waitForLine } from './journal.js';
import { askRestored } from './memory.js';
import { mustRun } from './run-command.js';

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
    // What follows is asked of the restores that prove it.
    assert.deepEqual(told.slice(0, 4), ['warm', 'warm', 'prepare', 'told by SIGUSR2']);
    assert.deepEqual([...new Set(told.slice(4))], ['warm']);
    assert.match(await askRestored(counter, '/'), /"bootId"/);
  });

  test('that answers with an error is not dumped', async () => {
    await configure('node', '[Snapshot]\nBeforeDump=POST /nowhere');
    const { status, stderr } = await grenadine('bake', 'node');
    assert.equal(status, 6);
    assert.match(stderr, /before-dump-failed.*POST \/nowhere.*404/);
    assert.deepEqual(await jsonRows('list', 'node'), []);
  });

  test('has a command run among its processes, as its user, in its directory, with its environment', async () => {
    const script = 'echo $$(id -un) $$(id -Gn) $$(pwd) $$GREETING $$HOME $$(cat /proc/2/comm) 100%%';
    await configure('node', `[Snapshot]\nBeforeDump=/bin/sh -c "${script}; echo told >&2"`);
    const cursor = await journalCursor();
    await bake('node');
    const lines = await linesOf('node-bake.service', cursor);
    assert.ok(
      lines.includes('counter counter counters /home/counter hello /home/counter node 100%'),
      lines.join('\n'),
    );
    assert.ok(lines.includes('told'));
    assert.match(await askRestored(counter, '/'), /"bootId"/);
  });

  for (const [what, command, why] of [
    ['fails', '/bin/sh -c "exit 3"', /before-dump-failed.*'\/bin\/sh' ended with status 3/],
    ['is not there', '/none', /before-dump-failed.*'\/none': .*No such file/],
    ['is not its to execute', '/etc/shadow', /before-dump-failed.*'\/etc\/shadow': .*Permission denied/],
  ] as const)
    test(`whose command ${what} is not dumped`, async () => {
      await configure('node', `[Snapshot]\nBeforeDump=${command}`);
      const { status, stderr } = await grenadine('bake', 'node');
      assert.equal(status, 6);
      assert.match(stderr, why);
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

  test('has requests and commands done in their order after each restore, and neither in the proof', async () => {
    const hooks = [
      'POST /print?text=first',
      '/bin/sh -c "echo second by $$(id -un)"',
      'GET /print?text=third',
    ];
    await configure('node', ['[Snapshot]', ...hooks.map((hook) => `AfterRestore=${hook}`)].join('\n'));
    const isTold = (line: string): boolean => /^(first|second by counter|third)$/.test(line);
    const before = await journalCursor();
    await firstConnection('node', counter.address);
    await bake('node');
    for (const unit of ['node.service', 'node-bake.service'])
      assert.deepEqual((await linesOf(unit, before)).filter(isTold), []);
    for (let round = 0; round < 2; round += 1) {
      const cursor = await journalCursor();
      await askRestored(counter, '/');
      await waitForLine('node.service', 'third', cursor);
      const lines = (await linesOf('node.service', cursor)).filter(isTold);
      // The application prints each text on both of its streams.
      assert.deepEqual([...new Set(lines)], ['first', 'second by counter', 'third']);
    }
    assert.equal((await jsonRow('status', 'node'))['problem'], '');
  });

  test('serves though they fail, and status, why and the journal say so', async () => {
    await configure('node', '[Snapshot]\nAfterRestore=GET /nowhere\nAfterRestore=/bin/sh -c "exit 3"');
    await bake('node');
    const cursor = await journalCursor();
    assert.match(await askRestored(counter, '/'), /"bootId"/);
    await waitForLine(
      'node.service',
      /^AfterRestore= failed, ignoring: GET \/nowhere .* status 404$/,
      cursor,
    );
    await waitForLine(
      'node.service',
      /^AfterRestore= failed, ignoring: '\/bin\/sh' ended with status 3$/,
      cursor,
    );
    await expectProblemOf('status');
    await expectProblemOf('why');
    assert.equal((await fetchFrom(counter.address, '/')).status, 200);
  });

  /** It was reported before it was logged. */
  async function expectProblemOf(command: 'status' | 'why'): Promise<void> {
    const row = await jsonRow(command, 'node');
    assert.match(String(row['problem']), /^AfterRestore= failed, .*'\/bin\/sh' ended with status 3$/);
  }

  test('answers, stops and is switched while they take their time', async () => {
    await configure('node', '[Snapshot]\nAfterRestore=/bin/sleep 25');
    await bake('node');
    const startedMs = performance.now();
    await askRestored(counter, '/');
    await mustRun(['systemctl', 'reload', 'node.service']);
    await stop('node');
    assert.ok(performance.now() - startedMs < 15_000);
  });
});
