/** What a snapshot was made upon is replaced: noticed without a start, told by list, and baked anew by itself. */
import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, readlink, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { firstConnection, install, setBake, stop, uninstall } from './application.js';
import { counterAt, readCounter } from './counter.js';
import { grenadine, jsonRow, jsonRows } from './grenadine.js';
import { journalCursor, linesOf, waitForLine } from './journal.js';
import { mustRun } from './run-command.js';
import { systemctl } from './systemctl.js';

const name = 'node';
const address = '127.0.0.1:4000';
const activator = 'grenadine-activator.service';
const home = '/opt/upgraded';
const dropIns = `/etc/grenadine/apps/${name}.conf.d`;
const preloaded = ['first', 'second', 'third'].map((library) => `${home}/lib${library}.so.1`).join(':');
/** A change is looked at a moment after it was made. */
const noticedMs = 700;
const published = new RegExp(`^${name}: published snapshot [0-9a-f]{12}$`);

/** Compiles a library into the place where dpkg would unpack it. */
async function unpack(library: string, version: number): Promise<void> {
  const source = `/tmp/${library}.c`;
  await writeFile(source, `int ${library}_version(void) { return ${version}; }\n`);
  await mustRun(['gcc', '-shared', '-fPIC', '-o', `${home}/lib${library}.so.1.dpkg-new`, source]);
  await rm(source);
}

/** As `make install` does it: beside the old one, which stays, and then the link. */
async function installBeside(file: string, version: number): Promise<void> {
  await unpack('third', version);
  await rename(`${home}/libthird.so.1.dpkg-new`, `${home}/${file}`);
  await symlink(file, `${home}/libthird.so.1.new`);
  await rename(`${home}/libthird.so.1.new`, `${home}/libthird.so.1`);
}

async function upgrade(version: number): Promise<void> {
  for (const library of ['first', 'second']) await unpack(library, version);
  for (const library of ['first', 'second'])
    await rename(`${home}/lib${library}.so.1.dpkg-new`, `${home}/lib${library}.so.1`);
}

/** Does `act`, and waits until the activator has said a line after it. Answers all that it said since. */
async function until(line: RegExp, act: () => Promise<void>): Promise<readonly string[]> {
  const cursor = await journalCursor();
  await act();
  await waitForLine(activator, line, cursor);
  return linesOf(activator, cursor);
}

async function currentId(): Promise<string | undefined> {
  const link = await readlink(`/var/lib/grenadine/${name}/current`).catch(() => undefined);
  return link?.replace('snapshots/', '');
}

/** The newest snapshot is the one that was just baked: it serves, and is restored without a failure before it. */
async function newestServes(): Promise<void> {
  const [newest] = await jsonRows('list', name);
  assert.equal(newest?.['valid'], true);
  const { outcome } = await firstConnection(name, address);
  assert.deepEqual(
    { how: outcome.how, snapshot: outcome.snapshot, failed: outcome.failed },
    { how: 'restored', snapshot: newest['id'], failed: [] },
  );
}

async function nothingWasSetAside(): Promise<void> {
  assert.deepEqual(await readdir(`/var/lib/grenadine/${name}/quarantine`).catch(() => []), []);
}

before(async () => {
  await mkdir(home, { recursive: true });
  await upgrade(1);
  await installBeside('libthird.so.1.0', 1);
  await mkdir(dropIns, { recursive: true });
  await writeFile(`${dropIns}/preload.conf`, `[Application]\nEnvironment=LD_PRELOAD=${preloaded}\n`);
  await install('node', name);
  await setBake('auto');
  await until(published, () => systemctl('daemon-reload'));
});
after(async () => {
  await rm(dropIns, { recursive: true });
  await uninstall(name);
  await rm(home, { recursive: true });
  await setBake('manual');
  await systemctl('daemon-reload');
});

describe('a library that is upgraded', () => {
  test('is baked upon by itself, once, while the application goes on', async () => {
    const { bootId } = await counterAt(address);
    const said = await until(published, () => upgrade(2));
    assert.equal(said.filter((line) => published.test(line)).length, 1);
    assert.match(
      said.join('\n'),
      /is stale: libfirst\.so\.1 was replaced \(\/opt\/upgraded\/libfirst\.so\.1\)/,
    );
    assert.equal((await counterAt(address)).bootId, bootId);
  });

  test('is what list gives as the reason why the older snapshot is stale', async () => {
    const [newer, older] = await jsonRows('list', name);
    assert.deepEqual([newer?.['valid'], newer?.['current'], older?.['valid']], [true, true, false]);
    const reason = `libfirst.so.1 was replaced (${home}/libfirst.so.1); libsecond.so.1 was replaced (${home}/libsecond.so.1)`;
    assert.equal(older?.['stale'], reason);
    assert.ok((await grenadine('list', name)).stdout.includes(`stale: ${reason}`));
  });

  test('is what the next start is restored with, and no restore failed on the way', async () => {
    await newestServes();
    await nothingWasSetAside();
  });

  test('cannot be dumped from an application that came up before it', async () => {
    await setBake('manual');
    await systemctl('daemon-reload');
    await until(/is stale: libfirst/, () => upgrade(3));
    const { status, stderr } = await grenadine('dump', name);
    assert.notEqual(status, 0);
    assert.match(stderr, /superseded.*libfirst\.so\.1 has been replaced/s);
  });

  test('leaves nothing to a start that comes before the bake, with the activator or without', async () => {
    assert.equal((await firstConnection(name, address)).outcome.how, 'cold');
    assert.equal(await currentId(), undefined);
    await stop(name);
    await systemctl('stop', activator);
    try {
      assert.equal((await firstConnection(name, address)).outcome.how, 'cold');
    } finally {
      await systemctl('start', activator);
    }
    await nothingWasSetAside();
  });

  test('while the activator was stopped is noticed when that starts', async () => {
    await setBake('auto');
    await until(published, () => systemctl('daemon-reload'));
    await systemctl('stop', activator);
    await upgrade(4);
    await until(published, () => systemctl('start', activator));
    await newestServes();
  });

  test('of the same build changes nothing, and neither does a touch', async () => {
    const [before] = await jsonRows('list', name);
    await copyFile(`${home}/libfirst.so.1`, `${home}/libfirst.so.1.dpkg-new`);
    await rename(`${home}/libfirst.so.1.dpkg-new`, `${home}/libfirst.so.1`);
    await utimes(`${home}/libsecond.so.1`, 1, 1);
    await systemctl('daemon-reload');
    const [row] = await jsonRows('list', name);
    assert.deepEqual([row?.['id'], row?.['valid']], [before?.['id'], true]);
    await newestServes();
  });

  test('beside the old one is noticed by the link that leads to it', async () => {
    const cursor = await journalCursor();
    await until(published, () => installBeside('libthird.so.1.1', 2));
    const reason = `libthird.so.1 was replaced (${home}/libthird.so.1)`;
    assert.ok((await linesOf(activator, cursor)).some((line) => line.endsWith(`is stale: ${reason}`)));
    assert.equal((await jsonRows('list', name))[1]?.['stale'], reason);
    await newestServes();
  });

  test('keeps a pinned snapshot from serving, but not from being pinned', async () => {
    const [newest] = await jsonRows('list', name);
    const id = String(newest?.['id']);
    await mustRun(['grenadine', 'restore', name, '--from', id]);
    const said = await until(published, () => upgrade(5));
    assert.match(said.join('\n'), new RegExp(`snapshot ${id}, which is pinned, cannot serve: libfirst`));
    const pinned = (await jsonRows('list', name)).find((row) => row['pinned'] === true);
    assert.deepEqual([pinned?.['id'], pinned?.['valid']], [id, false]);
    assert.match(String(pinned?.['stale']), /libfirst\.so\.1 was replaced/);
    await newestServes();
    await mustRun(['grenadine', 'restore', name, '--latest']);
  });

  test('by removal says that the file is gone', async () => {
    await setBake('manual');
    await systemctl('daemon-reload');
    await until(/is stale: libsecond\.so\.1 is gone/, () => rm(`${home}/libsecond.so.1`));
    const [row] = await jsonRows('list', name);
    assert.equal(row?.['stale'], `libsecond.so.1 is gone (${home}/libsecond.so.1)`);
    await upgrade(6);
    await setBake('auto');
    await until(published, () => systemctl('daemon-reload'));
  });
});

describe('a CRIU that is upgraded', () => {
  const criu = '/usr/sbin/criu';

  test('is noticed, told, baked with, and serves', async () => {
    await copyFile(criu, `${criu}.dpkg-new`);
    await utimes(`${criu}.dpkg-new`, 1_700_000_000, 1_700_000_000);
    await rename(criu, `${criu}.away`);
    try {
      const said = await until(published, () => rename(`${criu}.dpkg-new`, criu));
      assert.match(said.join('\n'), /The host has changed: CRIU .* is another build/);
      const [newer, older] = await jsonRows('list', name);
      assert.deepEqual([newer?.['valid'], older?.['valid']], [true, false]);
      assert.match(String(older?.['stale']), /CRIU .* is another build than the one that made it/);
      await newestServes();
    } finally {
      await rename(`${criu}.away`, criu);
    }
  });
});

describe('a configuration that is changed', () => {
  test('by a drop-in is told, baked anew, and serves', async () => {
    await until(published, async () => {
      await writeFile(`${dropIns}/greeting.conf`, '[Application]\nEnvironment=GREETING=ahoy\n');
      await systemctl('daemon-reload');
    });
    const [newer, older] = await jsonRows('list', name);
    assert.equal(newer?.['valid'], true);
    assert.equal(older?.['stale'], 'the configuration has changed since');
    await newestServes();
    assert.equal((await jsonRow('status', name))['problem'], '');
  });
});

describe('a file that systemd reads for the application', () => {
  const variables = '/etc/grenadine-variables';
  const writeVariables = (greeting: string) => writeFile(variables, `GREETING=${greeting}\n`);
  const greeting = async (): Promise<string | undefined> =>
    readCounter((await firstConnection(name, address)).answer.body).environment['GREETING'];

  before(async () => {
    await until(published, async () => {
      await writeFile(
        `${dropIns}/greeting.conf`,
        `[Application]\nEnvironment=GREETING=ahoy\nEnvironmentFile=-${variables}\n`,
      );
      await systemctl('daemon-reload');
    });
  });
  after(() => rm(variables, { force: true }));

  test('is noticed when it comes, and the snapshot baked with it', async () => {
    assert.equal(await greeting(), 'ahoy');
    await until(published, () => writeVariables('hallo'));
    assert.equal(
      (await jsonRows('list', name))[1]?.['stale'],
      `grenadine-variables is there now (${variables})`,
    );
    await newestServes();
    assert.equal(await greeting(), 'hallo');
  });

  test('makes the next start a cold boot that reads it, once it was edited', async () => {
    await stop(name);
    const cursor = await journalCursor();
    await writeVariables('salut');
    await setTimeout(noticedMs);
    const { answer, outcome } = await firstConnection(name, address);
    assert.deepEqual([outcome.how, readCounter(answer.body).environment['GREETING']], ['cold', 'salut']);
    await waitForLine(activator, published, cursor);
    assert.equal(
      (await jsonRows('list', name))[1]?.['stale'],
      `grenadine-variables was edited (${variables})`,
    );
    await newestServes();
  });
});
