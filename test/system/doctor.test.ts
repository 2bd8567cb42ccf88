/** `grenadine doctor`: a canary that is really dumped and restored, and what it says where that does not work;
 * with a name, what that application holds, and what of it stands in the way. */
import assert from 'node:assert/strict';
import { chmod, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { configure, install, setBake, uninstall } from './application.js';
import { bake, grenadine, jsonRow, jsonRows, type Json } from './grenadine.js';
import { mustRun, runCommand } from './run-command.js';
import { showUnit, systemctl } from './systemctl.js';

const criu = '/usr/sbin/criu';
const canary = 'grenadine-doctor';

interface Diagnosis {
  readonly status: number;
  readonly stderr: string;
  readonly rows: readonly Json[];
}

async function diagnose(): Promise<Diagnosis> {
  const { status, stdout, stderr } = await grenadine('doctor', '--json');
  return { status, stderr, rows: JSON.parse(stdout) as Json[] };
}

function row({ rows }: Diagnosis, check: string): Json {
  const found = rows.find((one) => one['check'] === check);
  assert.ok(found, `${check} is a row of ${JSON.stringify(rows)}`);
  return found;
}

/** Units, configuration, what is stored, and every trace in /run. */
async function assertNothingIsLeft(): Promise<void> {
  const units = await mustRun(['systemctl', 'list-units', '--all', '--plain', '--no-legend', `${canary}*`]);
  assert.equal(units.trim(), '');
  for (const folder of ['/run/grenadine', '/var/lib/grenadine', '/run/systemd/generator']) {
    const names = await readdir(folder, { recursive: true });
    assert.deepEqual(
      names.filter((name) => name.includes(canary)),
      [],
    );
  }
  assert.ok(!(await mustRun(['grenadine', 'list', '--json'])).includes(canary));
}

/** A program that says its version, and fails in all else. */
function sayingOnly(version: string): string {
  return `#!/bin/sh\n[ "$1" = --version ] && echo "Version: ${version}" && exit 0\nexit 1\n`;
}

/** Runs `work` with the text of a program in CRIU's place, or with nothing there. */
async function withCriu<T>(text: string | undefined, work: () => Promise<T>): Promise<T> {
  await rename(criu, `${criu}.away`);
  try {
    if (text !== undefined) {
      await writeFile(criu, text);
      await chmod(criu, 0o755);
    }
    return await work();
  } finally {
    await rm(criu, { force: true });
    await rename(`${criu}.away`, criu);
  }
}

describe('on a host where snapshots work', () => {
  for (const bake of ['manual', 'auto'] as const)
    test(`every row is well, and nothing of the canary is left, with Bake=${bake}`, async () => {
      await setBake(bake);
      await systemctl('daemon-reload');
      const found = await diagnose();
      await setBake('manual');
      assert.equal(found.status, 0, found.stderr);
      assert.deepEqual(
        found.rows.filter(({ result }) => result === 'failed'),
        [],
      );
      for (const check of ['activator', 'bake', 'restore', 'mapped memory', 'tcp listener', 'unix listener'])
        assert.equal(row(found, check)['result'], 'ok');
      for (const check of ['memory', 'pipe', 'epoll', 'timer', 'child', 'thread', 'io-uring'])
        assert.equal(row(found, check)['result'], 'ok');
      await assertNothingIsLeft();
    });

  test('it tells its phases on standard error, and two at a time are one', async () => {
    const [one, other] = await Promise.all([diagnose(), diagnose()]);
    assert.deepEqual(one.rows, other.rows);
    for (const phase of ['dumping', 'proving', 'connecting', 'removing'])
      assert.match(one.stderr, new RegExp(`^${phase}`, 'm'));
  });

  test('without --json it is a table', async () => {
    const { stdout, status } = await grenadine('doctor');
    assert.equal(status, 0);
    assert.match(stdout, /^CHECK +RESULT +DETAIL\nactivator +ok +/);
  });

  test('what an activator that was killed has left is taken away by the next', async () => {
    await writeFile(
      `/run/grenadine/apps/${canary}.conf`,
      '[Application]\nExecStart=/usr/lib/grenadine/grenadine-canary\nListenStream=127.0.0.1:4099\nListenStream=/run/grenadine/x\n',
    );
    await systemctl('daemon-reload');
    await systemctl('start', `${canary}.service`);
    await systemctl('restart', 'grenadine-activator.service');
    assert.equal((await diagnose()).status, 0);
    await assertNothingIsLeft();
  });
});

describe('where something stands in the way', () => {
  test('a missing CRIU is told, with what to install, and the exit status is 1', async () => {
    const found = await withCriu(undefined, diagnose);
    assert.equal(found.status, 1);
    assert.equal(row(found, 'criu')['result'], 'failed');
    assert.match(String(row(found, 'criu')['advice']), /criu\/testing/);
    await assertNothingIsLeft();
  });

  test('a CRIU that is too old is told, and nothing is tried with it', async () => {
    const found = await withCriu(sayingOnly('4.1.1'), diagnose);
    assert.equal(found.status, 1);
    assert.match(
      String(row(found, 'criu')['detail']),
      /criu is version 4\.1\.1, but 4\.2 or newer is needed/,
    );
    assert.ok(!found.rows.some(({ check }) => check === 'dump'));
    await assertNothingIsLeft();
  });

  test('a CRIU that dumps nothing is known by the dump that failed', async () => {
    const found = await withCriu(sayingOnly('4.2.1'), diagnose);
    assert.equal(found.status, 1);
    assert.equal(row(found, 'dump')['result'], 'failed');
    assert.ok(!found.rows.some(({ check }) => check === 'restore'));
    await assertNothingIsLeft();
  });

  test('an activator that cannot be reached is a row of its own', async () => {
    await systemctl('mask', '--runtime', '--now', 'grenadine-activator.service');
    try {
      const found = await diagnose();
      assert.equal(found.status, 1);
      assert.equal(row(found, 'activator')['result'], 'failed');
      assert.match(String(row(found, 'activator')['advice']), /systemctl start/);
    } finally {
      await systemctl('unmask', '--runtime', 'grenadine-activator.service');
    }
  });

  test('an application that has the canary’s name is left alone', async () => {
    const path = `/etc/grenadine/apps/${canary}.conf`;
    await writeFile(path, '[Application]\nExecStart=/bin/true\nListenStream=127.0.0.1:4098\n');
    await systemctl('daemon-reload');
    await systemctl('start', `${canary}.socket`);
    try {
      const found = await diagnose();
      assert.equal(found.status, 1);
      assert.match(String(row(found, 'canary')['detail']), /is configured in \/etc/);
      await systemctl('is-active', `${canary}.socket`);
    } finally {
      await systemctl('stop', `${canary}.socket`);
      await rm(path);
      await systemctl('daemon-reload');
    }
  });

  test('who is not root is told so', async () => {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    assert.equal((await runCommand([...nobody, 'grenadine', 'doctor'])).status, 4);
  });
});

describe('of an application', () => {
  const name = 'holder';

  before(() => install(name, name));
  after(() => uninstall(name));

  interface Examination {
    readonly status: number;
    readonly stderr: string;
    /** `HOLDS WHAT RESULT` of each row. */
    readonly rows: readonly string[];
    readonly failed: readonly Json[];
  }

  async function examine(hold: string, more = ''): Promise<Examination> {
    await configure(name, `[Application]\nEnvironment="HOLD=${hold}"\n${more}`);
    const { status, stdout, stderr } = await grenadine('doctor', name, '--json');
    const rows = JSON.parse(stdout) as Json[];
    return {
      ...{ status, stderr },
      rows: rows.map((one) => `${String(one['holds'])} ${String(one['what'])} ${String(one['result'])}`),
      failed: rows.filter(({ result }) => result === 'failed'),
    };
  }

  async function assertNothingIsPublished(): Promise<void> {
    assert.deepEqual(await jsonRows('list', name), []);
    const left = await readdir(`/var/lib/grenadine/${name}`, { recursive: true });
    assert.deepEqual([...left].sort(), ['snapshots', 'tmp']);
    assert.notEqual((await showUnit(`${name}-bake.service`))['ActiveState'], 'active');
    assert.equal((await jsonRow('status', name))['problem'], '');
  }

  test('that can be snapshotted it tells what that holds, and publishes nothing', async () => {
    const { status, stderr, rows } = await examine('deleted lock');
    assert.equal(status, 0, stderr);
    for (const wanted of [
      /^process 2 python3, 1 thread ok$/,
      /^listener ListenStream=127\.0\.0\.1:4040 ok$/,
      /^written file \/srv\/holder\/lock ok$/,
      /^deleted file .*, 2048 KiB ok$/,
      /^lock 1 ok$/,
      /^memory .* ok$/,
      /^proof .* ok$/,
    ])
      assert.ok(
        rows.some((one) => wanted.test(one)),
        `${String(wanted)} in ${rows.join('; ')}`,
      );
    assert.ok(!rows.some((one) => one.startsWith('UNIX connection')), rows.join('; '));
    for (const phase of ['queued', 'booting', 'dumping', 'proving'])
      assert.match(stderr, new RegExp(`^${phase}`, 'm'));
    await assertNothingIsPublished();
  });

  test('a listener that no ListenStream= is for stands in the way, with its address', async () => {
    const { status, failed } = await examine('port');
    assert.equal(status, 1);
    assert.equal(failed.length, 1);
    assert.match(String(failed[0]?.['what']), /^127\.0\.0\.1:\d+$/);
    await assertNothingIsPublished();
  });

  test('a deleted file beyond GhostLimit= stands in the way, with its name and its size', async () => {
    const { status, failed } = await examine('deleted', '[Snapshot]\nGhostLimit=1M');
    assert.equal(status, 1);
    assert.deepEqual(
      failed.map(({ holds }) => holds),
      ['file'],
    );
    assert.match(
      String(failed[0]?.['handling']),
      /\/srv\/holder\/.* was deleted while it is open, and has 2097152 bytes: more than GhostLimit=/,
    );
    await assertNothingIsPublished();
  });

  test('a UNIX connection to another service is told with its path, and stands in no way', async () => {
    await whileOpen(await listenAt('/run/outside.sock'), async () => {
      const { status, rows, stderr } = await examine('outside');
      assert.equal(status, 0, stderr);
      assert.ok(rows.includes('UNIX connection 1 to /run/outside.sock ok'), rows.join('; '));
      await assertNothingIsPublished();
    });
  });

  test('a TCP connection is told with both its ends, and stands in no way', async () => {
    await whileOpen(await listenAt(4041), async () => {
      const { status, rows, stderr } = await examine('database');
      assert.equal(status, 0, stderr);
      assert.ok(
        rows.some((one) => /^TCP connection 127\.0\.0\.1:\d+ to 127\.0\.0\.1:4041 ok$/.test(one)),
        rows.join('; '),
      );
    });
  });

  test('that does not boot it says so', async () => {
    const { status, failed } = await examine('database');
    assert.equal(status, 1);
    assert.deepEqual(
      failed.map(({ holds }) => holds),
      ['boot'],
    );
    await assertNothingIsPublished();
  });

  test('it waits for a bake that is under way, and both are whole', async () => {
    await configure(name, '[Warmup]\nRepeat=1');
    const baked = bake(name);
    const { status, stderr } = await grenadine('doctor', name);
    assert.equal(status, 0, stderr);
    const id = await baked;
    assert.deepEqual(
      (await jsonRows('list', name)).map((one) => one['id']),
      [id],
    );
  });

  test('that there is none of is 3', async () => {
    assert.equal((await grenadine('doctor', 'nothing-of-that-name')).status, 3);
  });
});

/** A service that takes connections and says nothing. */
function listenAt(where: string | number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(typeof where === 'number' ? { port: where, host: '127.0.0.1' } : { path: where }, () => {
      resolve(server);
    });
  });
}

/** What is connected to it goes with the application. */
async function whileOpen(server: Server, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    server.close();
  }
}
