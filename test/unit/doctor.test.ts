// What `grenadine doctor` makes of a host, of the canary's answer and of CRIU's errors: pure tables.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderDiagnosis } from '../../activator/cli/doctor.js';
import { answerChecks } from '../../activator/doctor/canary-answer.js';
import { causeOf } from '../../activator/doctor/criu-causes.js';
import { boundingSet, hasFavordynmods } from '../../activator/doctor/host-facts.js';
import { hostChecks, type HostFacts } from '../../activator/doctor/known-obstacles.js';
import type { Criu } from '../../activator/host/criu.js';
import { isAtLeast } from '../../activator/host/versions.js';

const path = '/usr/sbin/criu';
const identity = { path, size: 1, mtimeSec: 2, version: '4.2.1', doesWithout: true };

function tooOld(version: string): Criu {
  return { kind: 'too-old', path, version };
}

const well: HostFacts = {
  kernel: '6.18.2-amd64',
  architecture: 'x64',
  criu: { kind: 'present', identity },
  systemd: '257.9-1~deb13u1',
  seccompActions: ['kill_process', 'errno', 'user_notif', 'allow'],
  capabilities: 0x1ffffffffffn,
  isFavordynmods: true,
  storeFreeBytes: 2 ** 30,
};

/** CHECK=RESULT of all that is not ok, and what is told of it. */
function faults(change: Partial<HostFacts>): readonly string[] {
  return hostChecks({ ...well, ...change })
    .filter(({ result }) => result !== 'ok')
    .map(({ check, result, detail }) => `${check} ${result}: ${detail}`);
}

describe('what is known to stand in the way', () => {
  test('is nothing on a host that has all', () => {
    assert.deepEqual(faults({}), []);
  });

  for (const [what, change, said] of [
    ['a missing CRIU', { criu: { kind: 'missing', path } }, /^criu failed: \/usr\/sbin\/criu is missing$/],
    [
      'a CRIU that does not run',
      { criu: { kind: 'broken', path } },
      /^criu failed: .* is there but does not/,
    ],
    [
      'Debian 12’s CRIU on a newer kernel',
      { criu: tooOld('3.17.1'), kernel: '6.13.0' },
      /^criu failed: .*cannot start/,
    ],
    [
      'Debian 13’s CRIU on a newer kernel',
      { criu: tooOld('4.1.1'), kernel: '6.16.0-rc1' },
      /^criu failed: .*socket/,
    ],
    [
      'Debian 13’s CRIU on its own kernel',
      { criu: tooOld('4.1.1'), kernel: '6.12.48' },
      /^criu failed: \/usr\/sbin\/criu is version 4\.1\.1, but 4\.2 or newer is needed$/,
    ],
    ['an old kernel', { kernel: '5.10.0-36-amd64' }, /^kernel failed: /],
    [
      'a kernel that notifies nobody',
      { seccompActions: ['errno', 'allow'] },
      /^kernel failed: .*notification/,
    ],
    ['another processor', { architecture: 'arm64' }, /^kernel advice: /],
    ['an old systemd', { systemd: '252.39-1~deb12u1' }, /^systemd failed: .*RestartSteps=/],
    [
      'a container without CAP_CHECKPOINT_RESTORE',
      { capabilities: 0xffffffffffn },
      /^capabilities failed: .*CHECKPOINT/,
    ],
    [
      'a container without CAP_SYS_RESOURCE',
      { capabilities: 0x1fffeffffffn },
      /^capabilities advice: .*RESOURCE/,
    ],
    ['a full store', { storeFreeBytes: 2 ** 20 }, /^store failed: .*1 MiB free/],
    ['cgroups without favordynmods', { isFavordynmods: false }, /^favordynmods advice: /],
  ] as const)
    test(`is ${what}, and only that`, () => {
      const found = faults(change);
      assert.equal(found.length, 1);
      assert.match(found[0] ?? '', said);
    });

  test('comes with what to do, each time', () => {
    const broken: HostFacts = { ...well, systemd: '249', kernel: '5.4.0', storeFreeBytes: 0 };
    const unfit: readonly Criu[] = [{ kind: 'missing', path }, { kind: 'broken', path }, tooOld('4.1.1')];
    for (const criu of unfit)
      for (const { result, advice } of hostChecks({ ...broken, criu }))
        assert.equal(advice === '', result === 'ok');
  });

  test('does not say what a host has that it has no cgroup2', () => {
    assert.ok(
      !hostChecks({ ...well, isFavordynmods: undefined }).some(({ check }) => check === 'favordynmods'),
    );
  });
});

test('versions are compared number by number', () => {
  for (const [version, least, is] of [
    ['4.2', '4.2', true],
    ['4.10.1', '4.2', true],
    ['4.1.1', '4.2', false],
    ['257~rc1', '254', true],
    ['6.2.0-39-generic', '6.13', false],
    ['', '1', false],
  ] as const)
    assert.equal(isAtLeast(version, least), is, `${version} ≥ ${least}`);
});

test('a bounding set is read as the kernel writes it', () => {
  assert.equal(boundingSet('Name:\tsystemd\nCapBnd:\t000001fffeffffff\nCapAmb:\t0\n'), 0x1fffeffffffn);
  assert.equal(boundingSet(''), 0n);
});

test('favordynmods is an option of cgroup2 and of nothing else', () => {
  const line = (kind: string, options: string): string =>
    `30 24 0:26 / /sys/fs/cgroup rw,nosuid - ${kind} cgroup2 ${options}`;
  assert.equal(hasFavordynmods(line('cgroup2', 'rw,nsdelegate,favordynmods')), true);
  assert.equal(hasFavordynmods(line('cgroup2', 'rw,nsdelegate')), false);
  assert.equal(hasFavordynmods(line('tmpfs', 'rw,favordynmods')), undefined);
});

describe('the answer of the canary', () => {
  const all = ['memory', 'pipe', 'epoll', 'timer', 'child', 'thread', 'io-uring'];
  const answer = (changes: Readonly<Record<string, string>> = {}): string =>
    Object.entries({
      ...{ socket: 'tcp', answers: '2' },
      ...Object.fromEntries(all.map((name) => [name, 'ok'])),
      ...changes,
    })
      .map(([key, value]) => `${key}=${value}\n`)
      .join('');
  const failures = (text: string): readonly string[] =>
    answerChecks(text, 'tcp')
      .filter(({ result }) => result === 'failed')
      .map(({ check }) => check);

  test('is a row for the listener and for each thing that it holds', () => {
    const rows = answerChecks(answer(), 'tcp');
    assert.deepEqual(
      rows.map(({ check, result }) => [check, result]),
      ['tcp listener', ...all].map((check) => [check, 'ok']),
    );
  });

  test('that says what is wrong, or nothing of a thing, is a failure of that', () => {
    assert.deepEqual(failures(answer({ pipe: 'what was in the pipe is not in it' })), ['pipe']);
    assert.deepEqual(failures('socket=tcp\nanswers=2\n'), all);
  });

  test('of one that was booted, not restored, or by another socket, is a failure', () => {
    assert.deepEqual(failures(answer({ answers: '0' })), ['tcp listener']);
    assert.deepEqual(failures(answer({ socket: 'unix' })), ['tcp listener']);
  });
});

describe('an error of CRIU', () => {
  for (const [error, said] of [
    [
      "Error (criu/sk-unix.c:881): unix: Can't dump half of stream unix connection. name: (null); peer name: (null)",
      /UNIX connection/,
    ],
    ["Error (criu/files-ext.c:98): Can't dump file 7 of that type [20666] (chr 1:3 /dev/fuse)", /device/],
    [
      "Error (criu/files-ext.c:98): Can't dump file 9 of that type [600] (unknown anon_inode:[io_uring])",
      /io_uring/,
    ],
    ['Error (criu/sockets.c:448): Sockets (family 2 proto 6) are not collected', /this kernel/],
    ["Error (criu/namespaces.c:460): Can't dump nested net namespace for 31", /namespaces/],
    ['Error (criu/image.c:1): Unable to write: No space left on device', /full/],
  ] as const)
    test(`is explained: ${error.slice(7, 60)}`, () => {
      const found = causeOf(`${error}; Error (criu/cr-dump.c:2122): Dumping FAILED.`);
      assert.match(found?.cause ?? '', said);
      assert.notEqual(found?.advice, '');
    });

  test('that nobody has explained is left as it is', () => {
    assert.equal(causeOf('Error (criu/cr-dump.c:2122): Dumping FAILED.'), undefined);
  });
});

test('a diagnosis is a table, and below it what to do', () => {
  const row = { check: 'criu', result: 'failed', detail: 'not there', advice: 'install it' };
  const fine = { check: 'kernel', result: 'ok', detail: '6.18', advice: '' };
  assert.equal(
    renderDiagnosis([fine, row]),
    'CHECK   RESULT  DETAIL\nkernel  ok      6.18\ncriu    failed  not there\n\ncriu: install it.\n',
  );
  assert.equal(renderDiagnosis([fine]), 'CHECK   RESULT  DETAIL\nkernel  ok      6.18\n');
});
