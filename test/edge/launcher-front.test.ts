/** The front of the launcher: what the environment holds, EnvironmentFile= of the application's user among it, root's programs do not see. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { buildFront } from './launcher/private-host.js';

const run = promisify(execFile);
let directory = '';

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'grenadine-front-'));
  await copyFile(await buildFront(), join(directory, 'grenadine-launch'));
});
after(() => rm(directory, { recursive: true, force: true }));

const genuine = { NOTIFY_SOCKET: '/run/systemd/notify' };
const notifySocket = 'NOTIFY_SOCKET=/run/systemd/notify';

/** The variables that the launcher has, as bytes: env(1) stands in for it. `passed` are its descriptors from 3 on. */
async function launcherHas(
  environment: NodeJS.ProcessEnv,
  passed: readonly 'pipe'[] = [],
): Promise<readonly string[]> {
  await copyFile('/usr/bin/env', join(directory, 'grenadine-launcher'));
  const front = spawn(join(directory, 'grenadine-launch'), [], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', ...passed],
  });
  const { stdout, stderr } = front;
  assert.ok(stdout !== null && stderr !== null);
  stdout.setEncoding('latin1');
  // Until it is gone its file is busy.
  const [out, err] = await Promise.all([text(stdout), text(stderr), once(front, 'close')]);
  assert.equal(err, '');
  return out.split('\n').filter((line) => line !== '');
}

function setApart(variable: string): string {
  return String.fromCharCode(variable.charCodeAt(0) | 0x80) + variable.slice(1);
}

test('the launcher has what systemd says to it, and the rest under names that nobody knows', async () => {
  const seen = await launcherHas({ ...genuine, INVOCATION_ID: '0', GREETING: 'hello' });
  assert.deepEqual(seen, [notifySocket, 'INVOCATION_ID=0', setApart('GREETING=hello')]);
});

test('where to notify is not for an EnvironmentFile= to say', async () => {
  for (const NOTIFY_SOCKET of ['/srv/own', '@own', 'vsock:2:1', ''])
    assert.deepEqual(await launcherHas({ NOTIFY_SOCKET }), [notifySocket]);
});

test('what is passed is counted, and its PID is the launcher’s, whatever an EnvironmentFile= says', async () => {
  const forged = { LISTEN_FDS: '40', LISTEN_PID: '1', LISTEN_PIDFDID: '1', LISTEN_FDNAMES: 'web.socket' };
  const [passed, pid, ...rest] = await launcherHas(forged, ['pipe', 'pipe']);
  assert.equal(passed, 'LISTEN_FDS=2');
  assert.match(pid ?? '', /^LISTEN_PID=[1-9][0-9]*$/);
  assert.notEqual(pid, 'LISTEN_PID=1');
  assert.deepEqual(rest, ['LISTEN_FDNAMES=web.socket']);
});

test('where nothing is passed nobody says that anything was', async () => {
  assert.deepEqual(await launcherHas({ LISTEN_FDS: '1' }), []);
});

test('no loader acts on what the application is to have', async () => {
  // ld.so(8) would complain of the one, and fill standard error for the other.
  const variables = { LD_PRELOAD: '/nonexistent.so', LD_DEBUG: 'all' };
  assert.deepEqual(await launcherHas(variables), [
    setApart('LD_PRELOAD=/nonexistent.so'),
    setApart('LD_DEBUG=all'),
  ]);
});

test('a name that only begins like one of systemd’s is the application’s', async () => {
  assert.deepEqual(await launcherHas({ LISTEN_FDS_OF_MINE: '1' }), [setApart('LISTEN_FDS_OF_MINE=1')]);
});

test('a launcher that is not there is named in a line of its own, with status 127', async () => {
  await rm(join(directory, 'grenadine-launcher'), { force: true });
  await assert.rejects(run(join(directory, 'grenadine-launch')), {
    code: 127,
    stderr: '<3>Failed to execute the launcher: No such file or directory\n',
  });
});
