/**
 * A PID that is used again while root looks at it: who asks bind(2) dies in the middle of being answered, and another
 * process has its PID by then. strace(1) makes the answer late, and the test, which is root, gives the PID out again; the
 * application could only hope for it.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readlink, rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { firstConnection, install, uninstall } from './application.js';
import { fetchFrom } from './http-client.js';
import { childrenOf, onlyChild, viewProcess } from './process-tree.js';
import { mustRun } from './run-command.js';
import { mainPid } from './systemctl.js';

const name = 'attacker';
const address = '127.0.0.1:5049';
const log = '/run/pid-reuse.log';
const childFd = 20;
const lateMs = 3000;

async function attempt(attack: string): Promise<number> {
  return JSON.parse((await fetchFrom(address, `/${attack}`)).body) as number;
}

/** Has whoever answers bind(2) stand still right after it was asked. */
async function makeLate(pid: number): Promise<ChildProcess> {
  const words = ['-o', log, '-e', 'trace=ioctl,pidfd_getfd,process_vm_readv'];
  const delay = ['-e', `inject=ioctl:delay_exit=${lateMs * 1000}:when=1`];
  const strace = spawn('/usr/bin/strace', [...words, ...delay, '-p', `${pid}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [line] = (await once(strace.stderr, 'data')) as [Buffer];
  assert.match(line.toString(), /attached/);
  return strace;
}

async function waitForLog(wanted: RegExp): Promise<string> {
  const deadlineMs = Date.now() + 10 * lateMs;
  for (;;) {
    const text = await readFile(log, 'utf8').catch(() => '');
    if (wanted.test(text)) return text;
    assert.ok(Date.now() < deadlineMs, text);
    await pause(50);
  }
}

describe('a PID that is used again', () => {
  before(() => install(name, name));
  after(async () => {
    await uninstall(name);
    for (const path of ['/srv/attacker', log]) await rm(path, { recursive: true, force: true });
  });

  test('is not answered in the place of who had it and asked to bind', async () => {
    assert.equal((await firstConnection(name, address)).outcome.how, 'cold');
    const init = await onlyChild(await mainPid(`${name}.service`));
    const views = await Promise.all((await childrenOf(init)).map(viewProcess));
    const answers = views.find((view) => view.name === 'adopt');
    const application = views.find((view) => view.name !== 'adopt');
    assert.ok(answers !== undefined && application !== undefined);

    const strace = await makeLate(answers.pid);
    const asker = await attempt('ask');
    await pause(lateMs / 6);
    assert.equal(await attempt('end'), -9);
    const giveOut = `echo ${asker - 1} >/proc/sys/kernel/ns_last_pid`;
    await mustRun(['nsenter', '--target', `${init}`, '--pid', 'sh', '-c', giveOut]);
    assert.equal(await attempt('succeed'), asker);
    const victim = `/proc/${await onlyChild(application.pid)}/fd/${childFd}`;
    const socket = await readlink(victim);
    assert.doesNotMatch(await waitForLog(/NOTIF_SEND/), /NOTIF_ADDFD.* = \d/);
    strace.kill('SIGINT');
    await once(strace, 'close');

    assert.match(await readFile(log, 'utf8'), /pidfd_getfd\(.* = \d+\n[^]*NOTIF_ID_VALID.* ENOENT/);
    assert.equal(await readlink(victim), socket);
    assert.equal(await attempt('end'), -9);
    // Who comes next is answered as ever.
    await attempt('ask');
    assert.equal(await attempt('reap'), 0);
  });
});
