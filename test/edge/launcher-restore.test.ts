// The launcher restores what is published, where there is no bus, with a stand-in for criu: what it checks and tells
// criu, and that the cold boot after a failure finds the listeners as systemd passed them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { encodeWords } from '../../generator/config/command-words.js';
import type { PlanFile } from '../../activator/store/plan.js';
import { planFor } from './launcher/plan-text.js';
import { openPrivateHost, skip, type PrivateHost } from './launcher/private-host.js';

const first = 'aaaaaaaaaaaa';
const cold = ['--', '/bin/sh', '-c', 'grep flags /proc/$$/fdinfo/3; exit 5'];

let host: PrivateHost;

const outcome = async (): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(await host.outcome());
const isNonblock = (out: string): boolean => {
  const flags = /flags:\t0?([0-7]+)/.exec(out)?.[1];
  assert.ok(flags !== undefined, out);
  return (Number.parseInt(flags, 8) & 0o4000) !== 0;
};

describe('without a bus', { skip }, () => {
  before(async () => {
    host = await openPrivateHost({ hasCriu: true });
  });
  after(() => host.close());
  afterEach(() => rm(join(host.directory, 'state/web'), { recursive: true, force: true }));

  test('the published plan is followed, and the restored application has its pipes, listeners and end', async () => {
    const script = 'echo restored as $$ of $(cut -d" " -f4 /proc/$$/stat); echo aloud >&2; exit 9';
    await host.addSnapshot({ id: first, what: 'succeed', plan: await planFor(host, first), script });
    const { status, out, err } = await host.start(cold).ended;
    assert.deepEqual([status, out], [9, 'restored as 2 of 1\n']);
    assert.match(err, /^aloud$/m);
    const said = await outcome();
    assert.deepEqual([said['how'], said['snapshot'], said['answer']], ['restored', first, 'plan']);
  });

  test('a command after the restore has no capability that its user has not', async () => {
    const script = `exec setpriv --reuid=65534 --regid=65534 --clear-groups -- sh -c 'echo up; exec sleep 1000'`;
    const hooks = [
      // The stand-in restores it as root, and it changes by itself.
      'until grep -q "^Uid:.65534" /proc/2/status; do sleep 0.01; done',
      'grep "^Cap[IPE]" /proc/self/status; echo told',
    ].map((text) => ({ kind: 'command' as const, text: encodeWords(['/bin/sh', '-c', text]) }));
    const plan = await planFor(host, first, { after: hooks });
    await host.addSnapshot({ id: first, what: 'succeed', plan, script });
    const launcher = host.start(cold);
    await launcher.saw('told');
    // Else this would prove nothing.
    const status = await readFile(`/proc/${launcher.process.pid}/status`, 'utf8');
    assert.doesNotMatch(status, /^CapInh:\t0+$/m);
    launcher.process.kill('SIGTERM');
    const { out } = await launcher.ended;
    const capabilities = [...out.matchAll(/^Cap(\w+):\t(\w+)$/gm)].map(([, name, set]) => [
      name,
      Number(`0x${set}`),
    ]);
    assert.deepEqual(capabilities, [
      ['Inh', 0],
      ['Prm', 0],
      ['Eff', 0],
    ]);
  });

  test('the restored application gets the signals of the plan, in their order', async () => {
    // Who does not catch them ignores the first and is ended by the second, signal(7).
    const signals = [constants.signals.SIGWINCH, constants.signals.SIGUSR1];
    const plan = await planFor(host, first, { signals });
    await host.addSnapshot({ id: first, what: 'succeed', plan, script: 'exec sleep 1000' });
    assert.equal((await host.start(cold).ended).signal, 'SIGUSR1');
    assert.equal((await outcome())['how'], 'restored');
  });

  test('the phases follow each other in time', async () => {
    await host.addSnapshot({
      id: first,
      what: 'succeed',
      plan: await planFor(host, first),
      script: 'exit 0',
    });
    await host.start(cold).ended;
    const said = await outcome();
    const [namespaces, criu, ready] = ['namespaces-us', 'criu-us', 'ready-us'].map((key) =>
      Number(said[key]),
    );
    assert.ok(namespaces !== undefined && criu !== undefined && ready !== undefined);
    assert.ok(0 < namespaces && namespaces < criu && criu <= ready, JSON.stringify(said));
  });

  test('criu is told what it must know, and inherits listeners and pipes', async () => {
    await host.addSnapshot({
      id: first,
      what: 'succeed',
      plan: await planFor(host, first),
      script: 'exit 0',
    });
    await host.start(cold).ended;
    const words = (await readFile(join(host.directory, 'run/work/web/arguments'), 'utf8'))
      .trimEnd()
      .split('\n');
    for (const word of [
      '--restore-detached',
      '--restore-sibling',
      '--tcp-close',
      '--manage-cgroups=ignore',
    ]) {
      assert.ok(words.includes(word), word);
    }
    assert.equal(words[words.indexOf('--images-dir') + 1], `/var/lib/grenadine/web/snapshots/${first}/criu`);
    assert.deepEqual(
      words.filter((word) => word.startsWith('fd[')),
      ['fd[3]:socket:[2001]', 'fd[4]:socket:[2002]', 'fd[6]:pipe:[1001]', 'fd[7]:pipe:[1002]'],
    );
  });

  test('the images of mapped memory are shown in one place, read-only, and only there', async () => {
    const script = 'cat /run/grenadine/memory/do; touch /run/grenadine/memory/x || echo read-only';
    const show = async (isMapped: boolean): Promise<string> => {
      await host.addSnapshot({
        ...{ id: first, what: 'succeed', script },
        plan: await planFor(host, first, { isMapped }),
      });
      return (await host.start(cold).ended).out;
    };
    assert.equal(await show(true), 'succeedread-only\n');
    assert.deepEqual(await readdir(join(host.directory, 'run/memory')), []);
    assert.equal(await show(false), '');
  });

  test('a seed is there where the plan has one, another for each restore, and on the host there is none', async () => {
    const script = 'cat /run/grenadine/seed/seed';
    const show = async (hasSeed: boolean): Promise<string> => {
      await host.addSnapshot({
        ...{ id: first, what: 'succeed', script },
        plan: await planFor(host, first, { hasSeed }),
      });
      return (await host.start(cold).ended).out;
    };
    const [one, other] = [await show(true), await show(true)];
    for (const text of [one, other])
      assert.match(text, /^generation=\d{16}\ninstance=[0-9a-f]{32}\nseed=[0-9a-f]{64}\n$/);
    for (const key of ['generation', 'instance', 'seed']) {
      const [before, after] = [one, other].map((text) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1]);
      assert.notEqual(before, after);
    }
    assert.deepEqual(await readdir(join(host.directory, 'run/seed')), []);
    assert.equal(await show(false), '');
  });

  test('signals reach a restored application', async () => {
    const script = "trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done";
    await host.addSnapshot({ id: first, what: 'succeed', plan: await planFor(host, first), script });
    const launcher = host.start(cold);
    await launcher.saw('ready');
    launcher.process.kill('SIGTERM');
    assert.equal((await launcher.ended).status, 3);
  });

  test('a listener is non-blocking as the plan says, and blocking again for a cold boot', async () => {
    const script = 'grep flags /proc/$PPID/fdinfo/3';
    await host.addSnapshot({ id: first, what: 'succeed', plan: await planFor(host, first), script });
    assert.equal(isNonblock((await host.start(cold).ended).out), true);
    await host.addSnapshot({ id: first, what: 'fail', plan: await planFor(host, first) });
    assert.equal(isNonblock((await host.start(cold).ended).out), false);
  });

  describe('a file that criu is not to open', () => {
    const nobody = { uid: 65_534, gid: 65_534, groups: [] };
    let folder: string;
    let path: string;

    /** A file of nobody's, as the plan has it, and `changes`. */
    const open = async (changes: Partial<PlanFile> = {}): Promise<string> => {
      const file = { path, user: nobody, flags: 0, position: 0, size: undefined, mtimeSec: undefined };
      const plan = await planFor(host, first, { files: [{ ...file, ...changes }] });
      await host.addSnapshot({
        id: first,
        what: 'succeed',
        plan,
        script: 'cat <&9; grep Uid /proc/self/status',
      });
      return (await host.start(cold).ended).out;
    };
    /** Why it was not, after the path. */
    const refusal = async (changes: Partial<PlanFile> = {}): Promise<string> => {
      await open(changes);
      const said = await outcome();
      assert.deepEqual([said['how'], said['reason']], ['cold', 'file-refused']);
      const [, why] = (said['failed'] ?? '').split(`${path}: `);
      assert.ok(why !== undefined, said['failed']);
      return why;
    };

    beforeEach(async () => {
      // Where everybody may go, unlike the host's own directory.
      folder = await mkdtemp('/var/tmp/grenadine-files-');
      await chmod(folder, 0o755);
      await mkdir(join(folder, 'logs'));
      path = join(folder, 'logs/log');
      await writeFile(path, 'one two', { mode: 0o644 });
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    test('is opened at its position, and handed in under a name that criu finds nothing by', async () => {
      assert.match(await open({ position: 4 }), /^twoUid:\t0\t0\t0\t0\n$/);
      const words = await readFile(join(host.directory, 'run/work/web/arguments'), 'utf8');
      assert.match(words, /^fd\[\d+\]:run\/grenadine\/exposed\/0$/m);
    });

    test('is not opened where its user may not', async () => {
      await chmod(path, 0o600);
      assert.equal(await refusal(), 'Permission denied');
      assert.match(await open({ user: { ...nobody, uid: 0 } }), /^one two/);
    });

    test('is opened by a group of its user', async () => {
      await chmod(path, 0o640);
      await chown(path, 0, 4711);
      assert.equal(await refusal(), 'Permission denied');
      assert.match(await open({ user: { ...nobody, groups: [4711] } }), /^one two/);
    });

    test('is not opened through a link, wherever that leads', async () => {
      await rename(path, join(folder, 'old'));
      await symlink('../old', path);
      assert.match(await refusal(), /is a link now$/);
    });

    test('is not opened through a directory that is a link', async () => {
      await rename(join(folder, 'logs'), join(folder, 'old'));
      await symlink('old', join(folder, 'logs'));
      assert.match(await refusal(), /is a link now$/);
    });

    test('is not opened when it is gone, or of another size or time', async () => {
      assert.match(await refusal({ size: 8 }), /is another file now$/);
      assert.match(await refusal({ mtimeSec: 1 }), /is another file now$/);
      await rm(path);
      assert.match(await refusal(), /^No such file/);
    });

    test('keeps nobody waiting when it is a FIFO now', async () => {
      await rm(path);
      await promisify(execFile)('mkfifo', ['-m', '0666', path]);
      assert.match(await refusal(), /is another file now$/);
    });
  });

  test('without a snapshot it boots cold, and calls that no failure', async () => {
    assert.equal((await host.start(cold).ended).status, 5);
    const said = await outcome();
    assert.deepEqual([said['how'], said['reason'], said['failed']], ['cold', 'no-snapshot', undefined]);
  });

  test('a pin that fails is told by its own id, and the current one serves', async () => {
    const pinned = 'bbbbbbbbbbbb';
    await host.addSnapshot({ id: pinned, what: 'succeed', plan: 'torn\n' });
    await host.addSnapshot({
      ...{ id: first, what: 'succeed', script: 'exit 9' },
      plan: await planFor(host, first),
    });
    await symlink(`snapshots/${pinned}`, join(host.directory, 'state/web/pin'));
    assert.equal((await host.start(cold).ended).status, 9);
    const said = await outcome();
    assert.equal(said['snapshot'], first);
    assert.match(said['failed'] ?? '', new RegExp(`^${pinned} plan-invalid `));
  });

  for (const target of ['snapshots/..', `snapshots/${first}/..`, `/srv/snapshots/${first}`])
    test(`a link to ${target} is none of the store’s`, async () => {
      await host.addSnapshot({ id: first, what: 'succeed', plan: await planFor(host, first) });
      const current = join(host.directory, 'state/web/current');
      await rm(current);
      await symlink(target, current);
      assert.equal((await host.start(cold).ended).status, 5);
      assert.equal((await outcome())['reason'], 'no-snapshot');
    });

  test('a restore that fails is followed by the cold boot, with criu’s own words', async () => {
    await host.addSnapshot({ id: first, what: 'fail', plan: await planFor(host, first) });
    assert.equal((await host.start(cold).ended).status, 5);
    const said = await outcome();
    assert.deepEqual([said['how'], said['reason']], ['cold', 'restore-failed']);
    assert.match(
      said['failed'] ?? '',
      /^aaaaaaaaaaaa restore-failed .*Error \(fake\/criu\.c:1\): it was told to fail$/,
    );
  });

  test('a restore that hangs ends at the deadline of the plan', async () => {
    await host.addSnapshot({ id: first, what: 'hang', plan: await planFor(host, first, { deadlineMs: 50 }) });
    assert.equal((await host.start(cold).ended).status, 5);
    const said = await outcome();
    assert.equal(said['reason'], 'restore-timeout');
    assert.match(said['detail'] ?? '', /criu was not done after 50 ms, and left no error in its log$/);
  });

  const stale = [
    ['application', { application: 'other' }, /^application: /],
    ['configuration', { configuration: 'ffffffffffffffff' }, /^configuration: /],
    ['kernel', { kernel: '1.0' }, /^kernel: /],
    [
      'criu',
      { criu: { size: 1, mtimeSec: 1, doesWithout: false } },
      /^\/usr\/\S+\/criu is not the one that made this snapshot$/,
    ],
    ['release', { release: { path: '/usr/bin/env', target: '/elsewhere' } }, /^release: /],
  ] as const;
  for (const [what, changes, detail] of stale) {
    test(`a plan with another ${what} does not serve`, async () => {
      await host.addSnapshot({ id: first, what: 'succeed', plan: await planFor(host, first, changes) });
      assert.equal((await host.start(cold).ended).status, 5);
      const said = await outcome();
      assert.equal(said['reason'], 'snapshot-stale');
      assert.match(said['detail'] ?? '', detail);
    });
  }

  test('a release whose link leads where it led does serve', async () => {
    const link = join(host.directory, 'current release');
    await mkdir(join(host.directory, 'releases/1'), { recursive: true });
    await rm(link, { force: true });
    await symlink('releases/1', link);
    const release = { path: link, target: join(host.directory, 'releases/1') };
    await host.addSnapshot({ id: first, what: 'succeed', plan: await planFor(host, first, { release }) });
    await host.start(cold).ended;
    assert.equal((await outcome())['how'], 'restored');
  });

  test('an option that can be set but not read is set all the same', async () => {
    const forcedReceiveBuffer = { level: 1, name: 33, value: '00000100' };
    const listeners = [
      { index: 0, inode: 1, nonblock: false, backlog: undefined, options: [forcedReceiveBuffer] },
    ];
    await host.addSnapshot({ id: first, what: 'succeed', plan: await planFor(host, first, { listeners }) });
    await host.start(cold).ended;
    assert.equal((await outcome())['how'], 'restored');
  });

  test('an option that cannot be set fails the snapshot', async () => {
    const unknownOption = { level: 1, name: 9999, value: '00000000' };
    const listeners = [{ index: 0, inode: 1, nonblock: false, backlog: undefined, options: [unknownOption] }];
    await host.addSnapshot({ id: first, what: 'succeed', plan: await planFor(host, first, { listeners }) });
    assert.equal((await host.start(cold).ended).status, 5);
    assert.equal((await outcome())['reason'], 'listeners-failed');
  });

  test('a plan for more listeners than there are does not serve', async () => {
    const listeners = [{ index: 2, inode: 1, nonblock: false, backlog: undefined, options: [] }];
    await host.addSnapshot({ id: first, what: 'succeed', plan: await planFor(host, first, { listeners }) });
    assert.equal((await host.start(cold).ended).status, 5);
    assert.equal((await outcome())['reason'], 'listeners-failed');
  });

  for (const [what, text, detail] of [
    ['nothing', '', /\/plan is damaged \(line 1\)$/],
    ['noise', '\0\xff\n=\n', /\/plan is damaged \(line 1\)$/],
    ['another version', 'grenadine-plan=2\n', /\/plan is damaged \(line 1\)$/],
    ['too much', `grenadine-plan=1\n${'kernel=1\n'.repeat(10_000)}`, /\/plan is too long$/],
  ] as const) {
    test(`a plan that holds ${what} does not serve`, async () => {
      await host.addSnapshot({ id: first, what: 'succeed', plan: text });
      assert.equal((await host.start(cold).ended).status, 5);
      const said = await outcome();
      assert.equal(said['reason'], 'plan-invalid');
      assert.match(said['detail'] ?? '', detail);
    });
  }
});
