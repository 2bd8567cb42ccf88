/** What an application's user tries, and other users, against root: each is refused, and nothing of root's or of the host's notices. */
import assert from 'node:assert/strict';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { methods } from '../../activator/bus/api.js';
import { configure, firstConnection, install, stop, uninstall } from './application.js';
import { bake, grenadine } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { journalCursor, waitForLine } from './journal.js';
import { childrenOf } from './process-tree.js';
import { mustRun, runCommand } from './run-command.js';
import { mainPid, showUnit } from './systemctl.js';

const address = '127.0.0.1:5049';
const secret = 'only-the-application-knows';

async function attempt(attack: string): Promise<unknown> {
  return JSON.parse((await fetchFrom(address, `/${attack}`)).body);
}

function asAttacker(...argv: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return runCommand(['runuser', '-u', 'attacker', '--', ...argv]);
}

async function nameOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
}

async function permittedTo(pid: number): Promise<bigint> {
  const set = /^CapPrm:\t(\w+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  return BigInt(`0x${set ?? ''}`);
}

async function attackerUid(): Promise<string> {
  return (await mustRun(['id', '-u', 'attacker'])).trim();
}

const refusedReads = Object.fromEntries(
  ['mem', 'environ', 'maps', 'stack', 'auxv', 'exe', 'root', 'cwd', 'fd/3', 'ns/mnt', 'fd'].map((name) => [
    name,
    'EACCES',
  ]),
);

before(async () => {
  await install('attacker', 'attacker');
});
after(async () => {
  await uninstall('attacker');
  await rm('/srv/attacker', { recursive: true, force: true });
});

for (const how of ['cold', 'restored'] as const) {
  describe(`an application that turned hostile (${how})`, () => {
    let beforeIt: string;

    before(async () => {
      if (how === 'restored') await bake('attacker');
      beforeIt = await journalCursor();
      const { outcome } = await firstConnection('attacker', address);
      assert.equal(outcome.how, how);
    });

    test('holds its own three streams, its socket, and the connection that asks', async () => {
      const held = await attempt('descriptors');
      assert.deepEqual(held, { 0: '/dev/null', 1: 'pipe', 2: 'pipe', 3: 'socket', 4: 'socket' });
    });

    test('has no capability and one user', async () => {
      assert.deepEqual(await attempt('credentials'), { CapInh: 0, CapPrm: 0, CapEff: 0, CapAmb: 0, ids: [] });
    });

    test('finds in init a process that may signal, and nothing else', async () => {
      const [init] = await childrenOf(await mainPid('attacker.service'));
      const status = await readFile(`/proc/${init}/status`, 'utf8');
      // CAP_KILL
      assert.match(status, /^CapPrm:\t0{14}20\nCapEff:\t0{14}20$/m);
    });

    if (how === 'cold')
      test('is answered by one that may look at it and set options of sockets, and nothing else', async () => {
        const launcher = await mainPid('attacker.service');
        const [init] = await childrenOf(launcher);
        const names = new Map(
          await Promise.all(
            (await childrenOf(init ?? 0)).map(async (pid) => [await nameOf(pid), pid] as const),
          ),
        );
        // CAP_DAC_READ_SEARCH, CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_PTRACE, CAP_BLOCK_SUSPEND, as far as the host gives them.
        const mayKeep = [2n, 12n, 13n, 19n, 36n].reduce((set, number) => set | (1n << number), 0n);
        const kept = (await permittedTo(launcher)) & mayKeep;
        assert.notEqual(kept, 0n);
        assert.equal(await permittedTo(names.get('adopt') ?? 0), kept);
      });

    test('reads nothing of init and of who answers bind(2), and takes nothing over of them', async () => {
      const refused = { attach: 'EPERM', seize: 'EPERM', process_vm_readv: 'EPERM', pidfd_getfd: 'EPERM' };
      const inspected = await attempt('inspections');
      assert.ok(Array.isArray(inspected) && inspected.length >= 1);
      for (const one of inspected) assert.deepEqual(one, { ...refusedReads, ...refused });
    });

    test('signals nobody but its own processes, and sees no other', async () => {
      assert.deepEqual(await attempt('signals'), ['EPERM']);
      // A third one answers bind(2), which a restored application is past.
      assert.deepEqual(await attempt('processes'), how === 'cold' ? [1, 2, 3] : [1, 2]);
    });

    test('enters none of our directories, and writes to none', async () => {
      const answers = await attempt('places');
      assert.ok(typeof answers === 'object' && answers !== null);
      assert.deepEqual(new Set(Object.values(answers)), new Set(['EACCES']));
    });

    test('changes nothing of the kernel’s', async () => {
      const answers = await attempt('kernel');
      assert.deepEqual(answers, {
        ...{ ns_last_pid: 'EPERM', core_pattern: 'EACCES', mount: 'EPERM', umount: 'EPERM' },
        ...{ unshare: 'EPERM', setuid: 'EPERM', setgroups: 'EPERM', chroot: 'EPERM' },
      });
    });

    test('has in a network namespace of its own what it binds there, and the host’s socket is as it was', async () => {
      assert.deepEqual(await attempt('elsewhere'), [0, 77, 0]);
    });

    test('does not speak for the service: systemd hears the launcher alone', async () => {
      const told = await showUnit('attacker.service');
      await attempt('notify');
      const now = await showUnit('attacker.service');
      for (const name of ['MainPID', 'StatusText', 'SubState']) assert.equal(now[name], told[name]);
    });

    test('has no say by its environment in what systemd and the journal hear of it', async () => {
      assert.match((await showUnit('attacker.service'))['StatusText'] ?? '', /^(Serves|Restored)/);
      const { fields } = await waitForLine('attacker.service', /^(Booted cold|Restored from)/, beforeIt);
      assert.equal(fields['GRENADINE_APPLICATION'], 'attacker');
    });

    test('writes into the journal what it likes, as messages and nothing else', async () => {
      const cursor = await journalCursor();
      await attempt('shout');
      const one = await waitForLine('attacker.service', 'one', cursor);
      const injected = await waitForLine(
        'attacker.service',
        'MESSAGE_ID=00000000000000000000000000000000',
        cursor,
      );
      for (const { fields } of [one, injected]) {
        assert.equal(fields['MESSAGE_ID'], undefined);
        assert.equal(fields['_TRANSPORT'], 'stdout');
        assert.equal(fields['PRIORITY'], '6');
      }
      // The flood is through, and somebody answers.
      assert.equal((await fetchFrom(address, '/')).status, 200);
      assert.match(await mustRun(['grenadine', 'status', 'attacker']), /^attacker/);
    });

    test('is loaded what its environment names, and nobody else is', async () => {
      assert.deepEqual(await readdir('/srv/attacker/loaded'), [await attackerUid()]);
      const names = await attempt('environment');
      assert.ok(Array.isArray(names));
      for (const name of ['LD_PRELOAD', 'LD_LIBRARY_PATH', 'DBUS_SYSTEM_BUS_ADDRESS', 'TOKEN'])
        assert.ok(names.includes(name), name);
    });

    test('neither signals nor reads the launcher and init from outside', async () => {
      const launcher = await mainPid('attacker.service');
      for (const pid of [launcher, ...(await childrenOf(launcher))]) {
        for (const signal of ['TERM', 'KILL', 'STOP'])
          assert.notEqual((await asAttacker('kill', `-${signal}`, `${pid}`)).status, 0);
        for (const name of ['environ', 'mem', 'maps', 'fd/3'])
          assert.notEqual((await asAttacker('head', '-c1', `/proc/${pid}/${name}`)).status, 0);
      }
      assert.equal(await mainPid('attacker.service'), launcher);
    });
  });
}

describe('another user on the bus', () => {
  const open = new Set(['List', 'ListSnapshots', 'Status', 'Why']);
  const values: Readonly<Record<string, readonly string[]>> = {
    s: ['attacker'],
    b: ['false'],
    i: ['9'],
    'a{ss}': ['0'],
  };

  function callAsAttacker(name: string): Promise<{ status: number; stdout: string; stderr: string }> {
    const signature = methods[name as keyof typeof methods].in;
    const words = (signature.match(/a\{ss\}|[sbi]/g) ?? []).flatMap((type) => values[type] ?? []);
    const object = ['org.grenadine.Activator1', '/org/grenadine/Activator1', 'org.grenadine.Activator1'];
    return asAttacker('busctl', 'call', ...object, name, ...(signature === '' ? [] : [signature, ...words]));
  }

  for (const name of Object.keys(methods))
    test(`${open.has(name) ? 'may read' : 'may not call'} ${name}`, async () => {
      const { status, stdout, stderr } = await callAsAttacker(name);
      if (open.has(name)) {
        assert.equal(status, 0, stderr);
        assert.ok(!stdout.includes(secret));
      } else {
        assert.notEqual(status, 0);
        assert.match(stderr, /Access denied/);
      }
    });

  test('owns nothing of ours, and sees no property', async () => {
    const taken = await asAttacker('busctl', '--system', 'call', ...dbus, 'RequestName', 'su', ourName, '4');
    assert.notEqual(taken.status, 0);
    const properties = await asAttacker('busctl', 'call', ourName, path, props, 'GetAll', 's', ourName);
    assert.equal(properties.stdout.trim(), 'a{sv} 0');
  });

  const ourName = 'org.grenadine.Activator1';
  const path = '/org/grenadine/Activator1';
  const props = 'org.freedesktop.DBus.Properties';
  const dbus = ['org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus'] as const;
});

describe('what lies on the disk', () => {
  for (const [path, mode] of [
    ['/var/lib/grenadine', 0o700],
    ['/var/lib/grenadine/attacker/snapshots', 0o700],
    ['/run/grenadine', 0o755],
    ['/run/grenadine/control', 0o700],
    ['/run/grenadine/control/attacker.sock', 0o600],
    ['/run/grenadine/work', 0o700],
    ['/run/grenadine/work/attacker', 0o700],
    ['/run/grenadine/started', 0o700],
    ['/run/grenadine/scratch', 0o700],
    ['/run/grenadine/outcome', 0o755],
    ['/run/grenadine/outcome/attacker', 0o644],
  ] as const)
    test(`${path} is root's, ${mode.toString(8)}`, async () => {
      const found = await stat(path);
      assert.deepEqual([found.uid, found.gid, found.mode & 0o7777], [0, 0, mode]);
    });

  test('of a snapshot no file is readable by anybody else', async () => {
    const found = await mustRun(['find', '/var/lib/grenadine/attacker', '-perm', '/077', '!', '-type', 'l']);
    assert.equal(found, '');
  });

  test('of the environment nothing is in what others may read', async () => {
    assert.ok(!(await readFile('/run/grenadine/outcome/attacker', 'utf8')).includes(secret));
  });
});

describe('names that a terminal obeys', () => {
  before(async () => {
    await configure('attacker', '[Application]\nEnvironment=HOSTILE_SOCKET=1');
    await stop('attacker');
  });

  test('are shown, and obeyed by nobody', async () => {
    const refused = await grenadine('bake', 'attacker');
    assert.notEqual(refused.status, 0);
    // Else this would prove nothing.
    assert.match(refused.stderr, /\/srv\/attacker\/own\//);
    const said = [
      refused,
      ...(await Promise.all(['why', 'status', 'doctor'].map((word) => grenadine(word, 'attacker')))),
    ];
    for (const { stdout, stderr } of said) assert.doesNotMatch(stdout + stderr, /[^\P{Cc}\n]/u);
  });
});
