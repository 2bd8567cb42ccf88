// Builds the package, unpacks it, and looks: what lies where with which mode, and whether the programs start alone.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const programs = [
  '/usr/bin/grenadine',
  '/usr/lib/grenadine/grenadine-activator',
  '/usr/lib/grenadine/grenadine-generator',
];

/** Programs that are not Node's. */
const others = [
  '/usr/lib/grenadine/grenadine-canary',
  '/usr/lib/grenadine/grenadine-journal',
  '/usr/lib/grenadine/grenadine-launch',
  '/usr/lib/grenadine/grenadine-launcher',
  '/usr/lib/systemd/system-generators/grenadine-generator',
];

const data = [
  '/etc/grenadine/grenadine.conf',
  '/usr/lib/grenadine/grenadine-rand.so',
  '/usr/lib/grenadine/runtimes/node.cjs',
  '/usr/lib/grenadine/runtimes/openssl/chosen.cnf',
  '/usr/lib/grenadine/runtimes/openssl/default.cnf',
  '/usr/lib/grenadine/runtimes/openssl/grenadine-default.cnf',
  '/usr/lib/grenadine/runtimes/openssl/grenadine-names.cnf',
  '/usr/lib/grenadine/runtimes/openssl/grenadine-rand.cnf',
  '/usr/lib/grenadine/runtimes/php/grenadine.ini',
  '/usr/lib/grenadine/runtimes/ruby.rb',
  '/usr/lib/grenadine/uncalled/libgnutls.so.30',
  '/usr/lib/grenadine/uncalled/libnftables.so.1',
  '/usr/lib/systemd/catalog/grenadine.catalog',
  '/usr/lib/systemd/system/grenadine-activator.service',
  '/usr/lib/systemd/system/grenadine-favordynmods.service',
  '/usr/lib/systemd/system/grenadine-kerndat.service',
  '/usr/lib/systemd/system/grenadine-verify.service',
  '/usr/lib/systemd/system/grenadine-verify.timer',
  '/usr/lib/tmpfiles.d/grenadine.conf',
  '/usr/share/bash-completion/completions/grenadine',
  '/usr/share/dbus-1/system-services/org.grenadine.Activator1.service',
  '/usr/share/dbus-1/system.d/org.grenadine.Activator1.conf',
  '/usr/share/doc/grenadine/changelog.gz',
  '/usr/share/doc/grenadine/copyright',
  '/usr/share/fish/vendor_completions.d/grenadine.fish',
  '/usr/share/man/man1/grenadine.1.gz',
  '/usr/share/man/man5/grenadine.app.5.gz',
  '/usr/share/man/man5/grenadine.conf.5.gz',
  '/usr/share/man/man5/org.grenadine.Activator1.5.gz',
  '/usr/share/man/man7/grenadine-recipes.7.gz',
  '/usr/share/man/man7/grenadine.7.gz',
  '/usr/share/man/man8/grenadine-activator.8.gz',
  '/usr/share/man/man8/grenadine-generator.8.gz',
  '/usr/share/man/man8/grenadine-launch.8.gz',
  '/usr/share/zsh/vendor-completions/_grenadine',
];

describe('the package', () => {
  const workspace = mkdtempSync(join(tmpdir(), 'grenadine-package-'));
  const tree = join(workspace, 'unpacked');
  let path = '';

  const build = (output: string): string => {
    const script = join(root, 'build/units/package/build-deb.js');
    return execFileSync(process.execPath, [script, '--output', join(workspace, output)], {
      encoding: 'utf8',
    }).trim();
  };

  before(() => {
    path = build('first');
    execFileSync('dpkg-deb', ['--raw-extract', path, tree]);
  });
  after(() => {
    rmSync(workspace, { recursive: true, force: true });
  });

  test('holds these files with these modes, and examples', () => {
    const modes = new Map<string, string>();
    for (const name of readdirSync(tree, { recursive: true, encoding: 'utf8' })) {
      const status = statSync(join(tree, name));
      if (status.isFile() && !name.startsWith('DEBIAN/'))
        modes.set(`/${name}`, (status.mode & 0o7777).toString(8));
    }
    const examples = [...modes.keys()].filter((name) =>
      name.startsWith('/usr/share/doc/grenadine/examples/'),
    );
    assert(examples.length > 0);
    const wanted = [
      ...[...programs, ...others].map((name) => [name, '755'] as const),
      ...[...data, ...examples].map((name) => [name, '644'] as const),
    ];
    const sorted = (pairs: Iterable<readonly [string, string]>): unknown => [...pairs].sort();
    assert.deepEqual(sorted(modes), sorted(wanted));
  });

  test('makes the directory for applications', () => {
    assert(statSync(join(tree, 'etc/grenadine/apps')).isDirectory());
  });

  test('belongs to root, and no directory is writable by others', () => {
    const listing = execFileSync('dpkg-deb', ['--contents', path], { encoding: 'utf8' }).trim().split('\n');
    for (const line of listing) assert.match(line, /^(?:drwxr-xr-x|-rw[x-]r-[x-]r-[x-]) root\/root /);
  });

  test('has maintainer scripts that can be run', () => {
    for (const name of ['postinst', 'prerm', 'postrm'])
      assert.equal(statSync(join(tree, 'DEBIAN', name)).mode & 0o777, 0o755, name);
  });

  test('the same sources give the same bytes', () => {
    assert(readFileSync(build('second')).equals(readFileSync(path)));
  });

  for (const program of programs) {
    test(`${program} requires nothing that is not part of Node`, () => {
      const text = readFileSync(join(tree, program), 'utf8');
      assert(text.startsWith('#!/usr/bin/node\n'));
      const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].flatMap(([, name]) => name ?? []);
      assert.deepEqual(
        required.filter((name) => !isBuiltin(name)),
        [],
      );
    });

    test(`${program} starts where there is no node_modules`, () => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(tree, program), '--version'], {
        cwd: tree,
        env: {},
        encoding: 'utf8',
      });
      assert.equal(stderr, '');
      assert.match(stdout, /^grenadine\S* \d+\.\d+\.\d+\n$/);
      assert.equal(status, 0);
    });
  }

  test('grenadine-generator prints its help', () => {
    const program = join(tree, 'usr/lib/grenadine/grenadine-generator');
    assert.match(execFileSync(process.execPath, [program, '--help'], { encoding: 'utf8' }), /--dry-run/);
  });

  test('lintian finds no error', () => {
    const { error, status, stdout } = spawnSync('lintian', ['--fail-on', 'error', path], {
      encoding: 'utf8',
    });
    assert.equal(error, undefined, 'lintian is not installed');
    assert.equal(status, 0, stdout);
  });
});
