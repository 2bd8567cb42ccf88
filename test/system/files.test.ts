/** Files that an application holds when it is dumped: logs, databases, locks, watches, memory, and what becomes of them after. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { firstConnection, install, stop, uninstall } from './application.js';
import { bake, grenadine, jsonRow, jsonRows } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { mustRun, runCommand } from './run-command.js';
import { systemctl } from './systemctl.js';

const address = '127.0.0.1:5045';
const folder = '/var/lib/files';
const watched = '/run/files-watched';
const dropIns = '/etc/grenadine/apps/files.conf.d';

/** `files` are words of test/apps/files/files.py, `more` is text of grenadine.app(5). */
async function configure(files: string, more = ''): Promise<void> {
  await mkdir(dropIns, { recursive: true });
  const command = `[Application]\nExecStart=\nExecStart=/srv/files/files.py ${files}\n`;
  await writeFile(`${dropIns}/test.conf`, command + more);
  await systemctl('daemon-reload');
}

/** What the program sees of each sort of file. */
interface Seen {
  readonly pid: readonly number[];
  readonly ghost: boolean;
  readonly watch: readonly string[];
  readonly memfd: number;
  readonly shared: number;
  readonly wal: number;
  readonly rollback: number;
}

/** The program is of this repository, so its answer is taken at its word; only that it is one is checked. */
function isSeen(value: unknown): value is Seen {
  return typeof value === 'object' && value !== null && 'memfd' in value && 'rollback' in value;
}

function read(body: string): Seen {
  const value: unknown = JSON.parse(body);
  if (isSeen(value)) return value;
  throw new Error(`not what the program sees: ${body}`);
}

async function restored(path = '/'): Promise<Seen> {
  const { answer, outcome } = await firstConnection('files', address, path);
  assert.deepEqual([outcome.how, outcome.failed], ['restored', []]);
  return read(answer.body);
}

/** As somebody does by hand while the application is down. */
async function visitByHand(database: string): Promise<void> {
  await mustRun(['sqlite3', `${folder}/${database}.db`, "INSERT INTO visits VALUES ('by hand')"]);
}

/** The activator hears of a file that changed, and looks a moment later. Answers why the newest snapshot is stale. */
async function untilNewest(state: 'valid' | 'stale'): Promise<string> {
  const deadline = AbortSignal.timeout(10_000);
  for (;;) {
    deadline.throwIfAborted();
    const [newest] = await jsonRows('list', 'files');
    if (newest?.['valid'] === (state === 'valid')) return String(newest['stale']);
  }
}

before(() => install('files', 'files'));
after(async () => {
  await uninstall('files');
  await rm(folder, { recursive: true, force: true });
  await rm('/dev/shm/files', { force: true });
});

describe('files that are held', () => {
  before(async () => {
    await mkdir(watched, { recursive: true });
    await configure(`log plain pid ghost=2000000 watch=${watched} memfd shared wal rollback flock fcntl`);
    await bake('files');
  });
  after(() => rm(watched, { recursive: true, force: true }));

  test('are held after a restore, and after the next', async () => {
    const one = await restored();
    assert.deepEqual([one.pid, one.ghost, one.watch], [[2, 2], true, []]);
    const other = await restored();
    assert.deepEqual([other.pid, other.ghost, other.watch], [[2, 2], true, []]);
    assert.equal(other.memfd, one.memfd, 'memory without a name is of the snapshot');
    assert.equal(other.shared, one.shared + 1, 'memory with a name is of the host');
    assert.equal(other.wal, one.wal + 1);
    assert.equal(other.rollback, one.rollback + 1);
  });

  test('may have been written to, rotated and cut meanwhile', async () => {
    const one = await restored('/before');
    await stop('files');
    await rename(`${folder}/log`, `${folder}/log.1`);
    await writeFile(`${folder}/log`, 'a new one\n');
    await truncate(`${folder}/plain`, 0);
    await visitByHand('rollback');
    const other = await restored('/after');
    assert.equal(await readFile(`${folder}/log`, 'utf8'), 'a new one\n/after\n');
    assert.match(await readFile(`${folder}/log.1`, 'utf8'), /\/before\n$/);
    assert.match(await readFile(`${folder}/plain`, 'utf8'), /\/after\n$/);
    assert.equal(other.rollback, one.rollback + 2);
    await truncate(`${folder}/log`, 0);
    await writeFile(`${folder}/plain`, 'x'.repeat(10_000));
    await restored('/grown');
    assert.equal(await readFile(`${folder}/log`, 'utf8'), '/grown\n');
  });

  test('are watched, locked and counted as before', async () => {
    await restored();
    await writeFile(`${watched}/new`, '');
    assert.deepEqual(read((await fetchFrom(address, '/')).body).watch, ['new']);
    assert.equal((await runCommand(['flock', '--nonblock', `${folder}/flock`, 'true'])).status, 1);
    const lock = `import fcntl; fcntl.lockf(open('${folder}/lockf', 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB)`;
    assert.match((await runCommand(['python3', '-c', lock])).stderr, /BlockingIOError/);
  });

  test('make the snapshot stale when they go, which is told, and the next start is a cold boot', async () => {
    const { wal } = await restored();
    await stop('files');
    await rm(`${folder}/log`);
    // Whoever closes the database last takes its -wal and -shm away.
    await visitByHand('wal');
    assert.match(await untilNewest('stale'), /log is gone.*wal\.db-shm is gone/);
    const { answer, outcome } = await firstConnection('files', address);
    assert.deepEqual([outcome.how, outcome.reason, outcome.failed], ['cold', 'no-snapshot', []]);
    assert.equal(read(answer.body).wal, wal + 2);
  });

  test('count again when they are there again, but for one that is shorter than what is mapped of it', async () => {
    assert.equal(await untilNewest('valid'), '');
    await restored();
    await stop('files');
    await truncate(`${folder}/wal.db-shm`, 0);
    assert.match(await untilNewest('stale'), /wal\.db-shm had 32768 bytes, it has 0/);
    assert.equal((await firstConnection('files', address)).outcome.how, 'cold');
  });
});

describe('a file that CRIU cannot dump', () => {
  for (const { what, files, more, said } of [
    {
      what: 'a deleted one beyond GhostLimit=',
      files: 'ghost=2000000',
      more: '[Snapshot]\nGhostLimit=1M\n',
      said: /ghost-too-large.*\/var\/lib\/files\/temporary was deleted.*GhostLimit=/s,
    },
    {
      what: 'a named semaphore',
      files: 'semaphore',
      more: '',
      said: /linked-elsewhere.*\/dev\/shm\/sem\.\w+ is open or mapped/s,
    },
    {
      what: 'a watch on an overlay',
      files: 'watch=/srv/files',
      more: '',
      said: /watch-unknown.*inotify/s,
    },
  ]) {
    test(`is told: ${what}; and the application goes on booting cold`, async () => {
      await configure(files, more);
      const { status, stderr } = await grenadine('bake', 'files');
      assert.equal(status, 6);
      assert.match(stderr, said);
      assert.match(String((await jsonRow('why', 'files'))['problem']), said);
      assert.equal((await firstConnection('files', address)).outcome.how, 'cold');
    });
  }
});

describe('the working directory of a pinned snapshot', () => {
  const releases = '/srv/files/releases';

  async function deployRelease(number: number): Promise<void> {
    await mkdir(`${releases}/${number}`, { recursive: true });
    await symlink(`${releases}/${number}`, '/srv/files/current.new');
    await rename('/srv/files/current.new', '/srv/files/current');
    await bake('files');
  }

  test('is named when its release was removed, and what is deployed comes up', async () => {
    await configure('log', 'WorkingDirectory=/srv/files/current\n[Release]\nPath=/srv/files/current\n');
    await deployRelease(1);
    await deployRelease(2);
    await mustRun(['grenadine', 'restore', 'files', '2']);
    assert.equal((await firstConnection('files', address)).outcome.how, 'restored');
    await stop('files');
    await rm(`${releases}/1`, { recursive: true });
    const { outcome } = await firstConnection('files', address);
    assert.equal(outcome.failed[0]?.text, `release: it is pinned, and '${releases}/1' is gone`);
    assert.match(String((await jsonRow('why', 'files'))['failed']), /snapshot-stale: release: it is pinned/);
    assert.equal(outcome.how, 'restored');
  });
});
