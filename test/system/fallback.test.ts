/** What goes wrong on the way to a restore, and that the client is answered all the same; and that `why` says it. */
import assert from 'node:assert/strict';
import { mkdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { firstConnection, install, stop, uninstall } from './application.js';
import { tooOld } from './faults/criu-faults.js';
import { bake, grenadine, jsonRow, jsonRows } from './grenadine.js';
import { journalCursor, waitForLine } from './journal.js';
import { quarantined, truncateImage } from './store.js';
import { mainPid, systemctl } from './systemctl.js';

const address = '127.0.0.1:4000';
const activator = 'grenadine-activator.service';
const criu = '/usr/sbin/criu';

/** Answered, and how: the one thing that must hold whatever is broken. */
async function connect() {
  const { answer, outcome } = await firstConnection('node', address);
  assert.equal(answer.status, 200);
  return outcome;
}

describe('without a snapshot that works', () => {
  beforeEach(() => install('node', 'node'));
  afterEach(() => uninstall('node'));

  test('no snapshot at all means a cold boot, and why says so', async () => {
    assert.equal((await connect()).reason, 'no-snapshot');
    const { how, code, advice } = await jsonRow('why', 'node');
    assert.deepEqual({ how, code }, { how: 'cold', code: 'no-snapshot' });
    assert.match(String(advice), /bake/);
  });

  for (const image of ['inventory', 'core-', 'files', 'fdinfo-', 'mapped-']) {
    test(`a snapshot whose ${image} image was cut off means a cold boot, and why says so`, async () => {
      const id = await bake('node');
      await truncateImage('node', image);
      const outcome = await connect();
      assert.equal(outcome.how, 'cold');
      assert.deepEqual(
        outcome.failed.map(({ snapshot }) => snapshot),
        [id],
      );
      const why = await jsonRow('why', 'node');
      assert.equal(why['how'], 'cold');
      assert.match(JSON.stringify(why['failed']), new RegExp(id));
    });
  }

  test('a snapshot that failed is set aside, and the next bake serves', async () => {
    const broken = await bake('node');
    await truncateImage('node', 'core-');
    await connect();
    const working = await bake('node');
    assert.ok((await quarantined('node')).includes(broken));
    assert.equal((await connect()).snapshot, working);
  });

  test('a snapshot whose manifest cannot be read is set aside, with a word in the journal', async () => {
    const id = await bake('node');
    const cursor = await journalCursor();
    await writeFile('/var/lib/grenadine/node/current/manifest.json', '{');
    await systemctl('restart', 'grenadine-activator.service');
    await waitForLine(
      'grenadine-activator.service',
      new RegExp(`snapshot ${id} was set aside \\(damaged\\)`),
      cursor,
    );
    assert.equal((await connect()).how, 'cold');
    assert.ok(!(await jsonRows('list', 'node')).some((row) => row['id'] === id));
  });

  test('a changed .conf means a cold boot until there is a new snapshot', async () => {
    await bake('node');
    const file = '/etc/grenadine/apps/node.conf.d/greeting.conf';
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '[Application]\nEnvironment=GREETING=ahoy\n');
    await systemctl('daemon-reload');
    try {
      const outcome = await connect();
      assert.equal(outcome.how, 'cold');
      assert.ok(['no-snapshot', 'snapshot-stale'].includes(outcome.reason ?? ''), outcome.reason);
      await bake('node');
      assert.equal((await connect()).how, 'restored');
    } finally {
      await rm(dirname(file), { recursive: true });
      await systemctl('daemon-reload');
    }
  });
});

describe('without a CRIU that works', () => {
  before(async () => {
    await install('node', 'node');
    await bake('node');
  });
  beforeEach(() => rename(criu, `${criu}.away`));
  after(() => uninstall('node'));

  test('no CRIU means a cold boot, why says so, and with CRIU back the snapshot serves again', async () => {
    try {
      const { how, reason } = await connect();
      assert.deepEqual({ how, reason }, { how: 'cold', reason: 'no-criu' });
      assert.equal((await jsonRow('why', 'node'))['code'], 'no-criu');
    } finally {
      await rename(`${criu}.away`, criu);
    }
    assert.equal((await connect()).how, 'restored');
  });

  test('a CRIU that is too old means a cold boot, why says so, and nothing is baked with it', async () => {
    try {
      await writeFile(criu, tooOld, { mode: 0o755 });
      const { how, reason } = await connect();
      assert.deepEqual({ how, reason }, { how: 'cold', reason: 'snapshot-stale' });
      const needed = /\/usr\/sbin\/criu is version 3\.17\.1, but 4\.2 or newer is needed/;
      assert.match((await grenadine('bake', 'node')).stderr, needed);
      const { degraded, stale } = await jsonRow('why', 'node');
      assert.match(String(degraded), needed);
      assert.match(String(stale), needed);
    } finally {
      await rename(`${criu}.away`, criu);
    }
    assert.equal((await connect()).how, 'restored');
  });
});

describe('a CRIU that is replaced while the activator runs', () => {
  before(async () => {
    await install('node', 'node');
    await bake('node');
  });
  after(() => uninstall('node'));

  test('makes its snapshots stale, list and why say so, and the next bake serves', async () => {
    const { atime, mtime } = await stat(criu);
    await utimes(criu, atime, new Date(mtime.getTime() + 60_000));
    try {
      const { how, reason } = await connect();
      assert.deepEqual({ how, reason }, { how: 'cold', reason: 'snapshot-stale' });
      const [row] = await jsonRows('list', 'node');
      assert.match(String(row?.['stale']), /CRIU/);
      const { reason: words, advice, degraded } = await jsonRow('why', 'node');
      assert.match(String(words), /no snapshot fitted any more: .*CRIU/);
      assert.match(String(advice), /grenadine bake node\. Until there is one, each start is a cold boot/);
      assert.match(String(degraded), /CRIU.*Bake=manual/);
      await bake('node');
      assert.equal((await connect()).how, 'restored');
    } finally {
      await utimes(criu, atime, mtime);
    }
  });
});

describe('without the activator', () => {
  before(async () => {
    await install('node', 'node');
    await bake('node');
  });
  after(async () => {
    await systemctl('start', activator);
    await uninstall('node');
  });

  test('a stopped one is not needed for a restore', async () => {
    await stop('node');
    await systemctl('stop', activator);
    assert.equal((await connect()).how, 'restored');
  });

  test('a masked one is not needed for a restore', async () => {
    await stop('node');
    await systemctl('mask', '--runtime', '--now', activator);
    try {
      const { how, answer } = await connect();
      assert.deepEqual({ how, answer }, { how: 'restored', answer: 'plan' });
    } finally {
      await systemctl('unmask', '--runtime', activator);
    }
  });

  test('one that hangs is not waited for longer than a moment', async () => {
    await systemctl('start', activator);
    const pid = await mainPid(activator);
    await stop('node');
    process.kill(pid, 'SIGSTOP');
    try {
      const { how, answer } = await connect();
      assert.deepEqual({ how, answer }, { how: 'restored', answer: 'plan' });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  test('a bus that is gone is not needed for a restore, and what needs it comes back with it', async () => {
    await stop('node');
    await systemctl('stop', 'dbus.socket', 'dbus.service');
    try {
      const { how, answer } = await connect();
      assert.deepEqual({ how, answer }, { how: 'restored', answer: 'plan' });
    } finally {
      await systemctl('start', 'dbus.socket', 'dbus.service');
    }
    assert.equal((await jsonRow('why', 'node'))['how'], 'restored');
  });
});
