/** The `grenadine` command against a real activator: what it prints for programs, and its exit statuses. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { firstConnection, install, setBake, stop, uninstall } from './application.js';
import { counterAt } from './counter.js';
import { bake, grenadine, jsonRow, jsonRows, snapshotIdIn, type Json } from './grenadine.js';
import { journalCursor, waitForLine, waitForSuccess } from './journal.js';
import { runCommand } from './run-command.js';
import { mainPid, showUnit, systemctl } from './systemctl.js';

const address = '127.0.0.1:4000';

/** The row with every value replaced by its type. */
function shapeOf(row: Json | undefined): Json {
  return Object.fromEntries(
    Object.entries(row ?? {}).map(([key, value]) => [key, Array.isArray(value) ? 'list' : typeof value]),
  );
}

function asNobody(...words: readonly string[]) {
  return runCommand(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'grenadine', ...words]);
}

/** What can be read is read all the same, and what cannot be done is not. */
async function assertAway(why: RegExp): Promise<void> {
  for (const [words, shown] of [
    [['status', 'node'], /^ +State: active /m],
    [['bake', 'node'], /^$/],
  ] as const) {
    const { status, stdout, stderr } = await grenadine(...words);
    assert.equal(status, 5, stderr);
    assert.match(stdout, shown);
    assert.match(stderr, why);
  }
}

before(async () => {
  await install('node', 'node');
  await bake('node');
  await firstConnection('node', address);
});
after(() => uninstall('node'));

describe('grenadine list', () => {
  test('has one row for each application', async () => {
    const row = (await jsonRows('list')).find(({ name }) => name === 'node');
    assert.deepEqual(shapeOf(row), {
      ...{ name: 'string', description: 'string', state: 'string', how: 'string', snapshot: 'string' },
      ...{ pinned: 'string', snapshots: 'number', release: 'string', baking: 'string', problem: 'string' },
      ...{ degraded: 'string', reuse: 'string', 'reuse-why': 'string' },
    });
    assert.equal(row?.['degraded'], '');
    assert.equal(row['state'], 'active');
    assert.equal(row['how'], 'restored');
  });

  test('has one row for each snapshot of an application', async () => {
    const [row] = await jsonRows('list', 'node');
    assert.deepEqual(shapeOf(row), {
      ...{ number: 'number', id: 'string', release: 'string', 'created-us': 'number', bytes: 'number' },
      ...{ current: 'boolean', pinned: 'boolean', valid: 'boolean', stale: 'string' },
      ...{ 'cold-ms': 'number', 'dump-ms': 'number', 'prove-ms': 'number' },
      ...{ memory: 'string', 'memory-why': 'string' },
      ...{ used: 'boolean', reuse: 'string', 'reuse-why': 'string' },
    });
    assert.deepEqual([row?.['number'], row?.['current'], row?.['valid']], [1, true, true]);
  });

  test('without --json is a table with a heading', async () => {
    const { stdout } = await grenadine('list');
    assert.match(stdout, /^NAME +STATE .*\nnode +active +restored /);
    assert.ok(!stdout.includes('\x1b'), 'no colours where there is no terminal');
  });
});

describe('grenadine status and why', () => {
  test('status tells the state, the main process and where it came from', async () => {
    const row = await jsonRow('status', 'node');
    assert.equal(row['state'], 'active');
    assert.equal(row['main-pid'], await mainPid('node.service'));
    assert.equal(row['restored-from'], row['snapshot']);
  });

  test('why tells the restore and its timings', async () => {
    const row = await jsonRow('why', 'node');
    assert.equal(row['how'], 'restored');
    assert.ok(Number(row['ready-us']) > 0);
  });
});

test("status --timings begins with systemd's start and ends when the application is ready", async () => {
  await firstConnection('node', address);
  const phases = (await jsonRows('status', 'node', '--timings')).map(({ phase }) => phase);
  assert.deepEqual(
    [...phases.slice(0, 3), phases.at(-2), phases.at(-1)],
    ['start begins', 'launcher forked', 'launcher runs', 'criu is done', 'ready'],
  );
  assert.match(
    (await grenadine('status', 'node', '--timings')).stdout,
    /^PHASE +AT +TOOK\nstart begins +0\.0 ms\n/,
  );
});

test('the journal has the phases as fields of the line that says how it came up', async () => {
  const cursor = await journalCursor();
  const { outcome } = await firstConnection('node', address);
  const { fields } = await waitForLine('node.service', /^Restored from snapshot /, cursor);
  assert.deepEqual(
    [
      fields['GRENADINE_SNAPSHOT'],
      fields['GRENADINE_CRIU_US'],
      fields['SYSLOG_IDENTIFIER'],
      fields['PRIORITY'],
    ],
    [outcome.snapshot, String(outcome.timingsUs['criu']), 'node', '6'],
  );
});

describe('exit statuses', () => {
  for (const [words, status] of [
    [['--version'], 0],
    [['--help'], 0],
    [[], 2],
    [['no-such-command'], 2],
    [['list', '--no-such-option'], 2],
    [['why'], 2],
    [['status', 'nothing-of-that-name'], 3],
    [['restore', 'node', '99'], 3],
    [['restore', 'node', '--from', 'ffffffffffff'], 3],
    [['kill', 'node', 'NOSIGNAL'], 2],
  ] as const) {
    test(`grenadine ${words.join(' ')} ends with ${status}`, async () => {
      const ended = await grenadine(...words);
      assert.equal(ended.status, status, ended.stderr);
    });
  }

  test('who is not root may read', async () => {
    for (const words of [['list'], ['list', 'node'], ['status', 'node'], ['why', 'node']]) {
      assert.equal((await asNobody(...words)).status, 0);
    }
  });

  test('who is not root may change nothing', async () => {
    for (const words of [
      ['bake', 'node'],
      ['dump', 'node'],
      ['restore', 'node'],
      ['kill', 'node'],
    ]) {
      assert.equal((await asNobody(...words)).status, 4);
    }
  });

  test('an activator that cannot be reached is 5, and what can be known without it is shown to everybody', async () => {
    await systemctl('mask', '--runtime', '--now', 'grenadine-activator.service');
    try {
      for (const [words, shown] of [
        [['list'], /^node +active +restored /m],
        [['status'], /^node +active +restored /m],
        [['status', 'node'], /^ +State: active \(main PID \d+\)\n +Came up: restored /m],
        [['status', 'node', '--timings'], /^criu is done /m],
        [['why', 'node'], /^node: restored from snapshot [0-9a-f]{12} in /],
        [['why', 'node', '--json'], /"how": "restored"/],
        [['list', 'node'], /^$/],
        [['status', 'nothing-of-that-name'], /^$/],
      ] as const) {
        const { status, stdout, stderr } = await asNobody(...words);
        assert.equal(status, 5, words.join(' '));
        assert.match(stdout, shown);
        assert.match(stderr, /is masked\.\n[^]*^Mend: systemctl unmask --runtime grenadine-activator/m);
      }
    } finally {
      await systemctl('unmask', '--runtime', 'grenadine-activator.service');
    }
  });

  test('an activator whose unit is gone, or holds what systemd cannot use, is 5 and told apart', async () => {
    const unit = '/usr/lib/systemd/system/grenadine-activator.service';
    const whole = await readFile(unit, 'utf8');
    await systemctl('stop', 'grenadine-activator.service');
    try {
      await rm(unit);
      await systemctl('daemon-reload');
      await assertAway(/service is not there\.\n[^]*^Mend: install the package again/m);
      await writeFile(unit, `${whole}\n[Service]\nExecStart=/bin/true\n`);
      await systemctl('daemon-reload');
      await assertAway(/cannot use grenadine-activator\.service \([^]*^Mend: systemd-analyze verify /m);
    } finally {
      await writeFile(unit, whole);
      await systemctl('daemon-reload');
    }
    assert.equal((await grenadine('status', 'node')).status, 0);
  });
});

describe('what changes something', () => {
  test('kill sends the signal to the application', async () => {
    await firstConnection('node', address);
    const cursor = await journalCursor();
    assert.equal((await grenadine('kill', 'node', 'TERM')).status, 0);
    await waitForSuccess('node.service', cursor);
  });

  test('dump makes a snapshot of what runs, and leaves it running', async () => {
    await firstConnection('node', address);
    const before = { pid: await mainPid('node.service'), boot: (await counterAt(address)).bootId };
    const { status, stdout, stderr } = await grenadine('dump', 'node');
    assert.equal(status, 0, stderr);
    assert.deepEqual({ pid: await mainPid('node.service'), boot: (await counterAt(address)).bootId }, before);
    const { requests } = await counterAt(address);
    const { outcome } = await firstConnection('node', address);
    assert.equal(outcome.snapshot, snapshotIdIn(stdout));
    assert.ok((await counterAt(address)).requests <= requests + 1);
  });

  test('dump --stop makes a snapshot and ends the application', async () => {
    await firstConnection('node', address);
    const { bootId } = await counterAt(address);
    const { status, stderr } = await grenadine('dump', 'node', '--stop');
    assert.equal(status, 0, stderr);
    assert.equal((await showUnit('node.service'))['ActiveState'], 'inactive');
    await firstConnection('node', address);
    assert.equal((await counterAt(address)).bootId, bootId);
  });

  test('restore goes back to an older snapshot, by number and by hash', async () => {
    const older = await bake('node');
    const newer = await bake('node');
    // The only application need not be named.
    const { status, stderr } = await grenadine('restore', '2');
    assert.equal(status, 0, stderr);
    assert.equal((await jsonRow('status', 'node'))['restored-from'], older);
    assert.equal((await grenadine('restore', 'node', '--from', newer.slice(0, 8))).status, 0);
    assert.equal((await jsonRow('status', 'node'))['restored-from'], newer);
  });

  test('daemon runs a command without a file', async () => {
    const where = [
      '--name',
      'transient',
      '--listen',
      '127.0.0.1:4020',
      '-u',
      'counter',
      '-e',
      'GREETING=ad hoc',
    ];
    const ended = await grenadine('daemon', ...where, '--', '/usr/bin/node', '/srv/node/server.mjs');
    assert.equal(ended.status, 0, ended.stderr);
    try {
      const { environment } = await counterAt('127.0.0.1:4020');
      assert.deepEqual([environment['GREETING'], environment['USER']], ['ad hoc', 'counter']);
    } finally {
      await uninstall('transient');
    }
  });

  test('bake tells its phases on standard error where that is no terminal', async () => {
    await stop('node');
    const { stdout, stderr } = await grenadine('bake', 'node');
    assert.match(stdout, /published snapshot/);
    const phases = ['boot', 'warm', 'dump', 'prov'];
    assert.deepEqual(
      phases.filter((phase) => new RegExp(`^${phase}`, 'm').test(stderr)),
      phases,
    );
  });

  test('a bake happens unasked after the first cold boot with Bake=auto', async () => {
    await install('node', 'node-v4');
    await setBake('auto');
    await systemctl('daemon-reload');
    try {
      // Joins the bake that is under way, or finds it done and makes another: either way there is one.
      await firstConnection('node-v4', '127.0.0.1:4004');
      await bake('node-v4');
      assert.equal((await firstConnection('node-v4', '127.0.0.1:4004')).outcome.how, 'restored');
    } finally {
      await setBake('manual');
      await uninstall('node-v4');
    }
  });
});
