// The generator as systemd and operators run it: a process, a root of its own, exit statuses, the kernel's log.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openLog } from '../../generator/kmsg.js';

const main = join(import.meta.dirname, '../../generator/main.js');
const good = '[Application]\nExecStart=/usr/bin/node server.js\nListenStream=80\n';
const broken = '[Application]\nExecStart=/usr/bin/node server.js\nListenStream=no\n';

interface Place {
  readonly root: string;
  readonly out: string;
}

/** A root with these files, and an empty directory for units. */
function makePlace(t: TestContext, files: Readonly<Record<string, string>>): Place {
  const base = mkdtempSync(join(tmpdir(), 'grenadine-generator-'));
  t.after(() => {
    rmSync(base, { recursive: true });
  });
  const place = { root: join(base, 'root'), out: join(base, 'out') };
  mkdirSync(place.root);
  mkdirSync(place.out);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(place.root + path), { recursive: true });
    writeFileSync(place.root + path, text);
  }
  return place;
}

function run({ root }: Place, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [main, '--root', root, ...args], {
    encoding: 'utf8',
    timeout: 20_000,
    env: { PATH: '/usr/bin:/bin', ...environment },
  });
}

test('run: units are written, the broken application is named, the exit status is 0', (t) => {
  const place = makePlace(t, {
    '/etc/grenadine/apps/web.conf': good,
    '/etc/grenadine/apps/shop.conf': broken,
  });
  const { status, stderr, stdout } = run(place, [place.out, '/e', '/l']);
  assert.equal(status, 0);
  assert.equal(stdout, '');
  assert.match(stderr, /^\/etc\/grenadine\/apps\/shop\.conf:3: ListenStream= /);
  assert.deepEqual(readdirSync(place.out).sort(), [
    'sockets.target.wants',
    'web-bake.service',
    'web.service',
    'web.socket',
  ]);
});

test('run: without applications nothing is written and nothing said', (t) => {
  const place = makePlace(t, { '/etc/grenadine/grenadine.conf': 'nonsense' });
  const { status, stderr } = run(place, [place.out, '/e', '/l']);
  assert.deepEqual([status, stderr, readdirSync(place.out)], [0, '', []]);
});

test('run: an initrd is left alone', (t) => {
  const place = makePlace(t, { '/etc/grenadine/apps/web.conf': good });
  assert.equal(run(place, [place.out], { SYSTEMD_IN_INITRD: '1' }).status, 0);
  assert.deepEqual(readdirSync(place.out), []);
});

test('run: a unit that another generator made stays, and all of that application is taken back', (t) => {
  const place = makePlace(t, { '/etc/grenadine/apps/web.conf': good, '/etc/grenadine/apps/shop.conf': good });
  writeFileSync(join(place.out, 'shop-bake.service'), 'of somebody else');
  const { status, stderr } = run(place, [place.out]);
  assert.equal(status, 1);
  assert.match(stderr, /shop\.conf: Cannot write units to .*EEXIST/);
  assert.equal(readFileSync(join(place.out, 'shop-bake.service'), 'utf8'), 'of somebody else');
  assert.ok(!existsSync(join(place.out, 'shop.socket')));
  assert.ok(!existsSync(join(place.out, 'shop.service')));
  assert.deepEqual(readdirSync(join(place.out, 'sockets.target.wants')), ['web.socket']);
});

test('run: what cannot be read costs that application alone, and nothing hangs', (t) => {
  const place = makePlace(t, { '/etc/grenadine/apps/web.conf': good });
  const apps = join(place.root, 'etc/grenadine/apps');
  mkdirSync(join(apps, 'directory.conf'));
  assert.equal(spawnSync('mkfifo', [join(apps, 'fifo.conf')]).status, 0);
  assert.equal(spawnSync('ln', ['-s', 'nowhere', join(apps, 'dangling.conf')]).status, 0);
  writeFileSync(join(apps, 'latin.conf'), Buffer.from([0x23, 0xe9, 0x0a]));
  const { status, stderr } = run(place, [place.out]);
  assert.equal(status, 0);
  for (const [name, why] of [
    ['dangling', 'ENOENT'],
    ['directory', 'not a regular file'],
    ['fifo', 'not a regular file'],
    ['latin', 'not UTF-8'],
  ]) {
    assert.match(stderr, new RegExp(`/${name}\\.conf: Cannot be read: ${why}`));
  }
  assert.ok(existsSync(join(place.out, 'web.service')));
});

test('dry run: units are printed under their names, nothing is written', (t) => {
  const place = makePlace(t, { '/etc/grenadine/apps/web.conf': good });
  const { status, stdout, stderr } = run(place, ['--dry-run']);
  assert.deepEqual([status, stderr], [0, '']);
  assert.deepEqual(stdout.match(/^---.*---$/gm), [
    '---web.socket---',
    '---web.service---',
    '---web-bake.service---',
    '---sockets.target.wants/web.socket---',
  ]);
});

test('dry run: a broken application makes the exit status 1, the others are printed', (t) => {
  const place = makePlace(t, {
    '/etc/grenadine/apps/web.conf': good,
    '/etc/grenadine/apps/shop.conf': broken,
  });
  const { status, stdout, stderr } = run(place, ['--dry-run']);
  assert.equal(status, 1);
  assert.match(stdout, /---web\.service---/);
  assert.match(stderr, /shop\.conf:3: /);
});

test('dry run: a directory stands in for those of the system', (t) => {
  const place = makePlace(t, { '/web.conf': good });
  const args = [main, '--dry-run', place.root];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0);
  assert.ok(stdout.includes(`SourcePath=${place.root}/web.conf\n`));
});

test('arguments: a usage error is 2, help and version are 0', (t) => {
  const place = makePlace(t, {});
  assert.equal(run(place, []).status, 2);
  assert.equal(run(place, ['--help']).status, 0);
  assert.match(run(place, ['--version']).stdout, /^grenadine-generator \d+\.\d+\.\d+\n$/);
});

test('log: run by systemd, each message is one record of the kernel log with its level', (t) => {
  const { root } = makePlace(t, { '/kmsg': '' });
  const log = openLog({ SYSTEMD_SCOPE: 'system' }, `${root}/kmsg`);
  log.write('warning', '/etc/x.conf:1: Unknown\nkey');
  log.write('error', `long ${'x'.repeat(2000)}`);
  log.close();
  const [first = '', second = '', ...rest] = readFileSync(`${root}/kmsg`, 'utf8').split('\n');
  assert.equal(first, `<4>grenadine-generator[${process.pid}]: /etc/x.conf:1: Unknown key`);
  assert.ok(second.startsWith('<3>') && second.length < 1000);
  assert.deepEqual(rest, ['']);
});

test('log: a missing device is not made', (t) => {
  const { root } = makePlace(t, {});
  openLog({ SYSTEMD_SCOPE: 'system' }, `${root}/kmsg`).close();
  assert.ok(!existsSync(`${root}/kmsg`));
});
