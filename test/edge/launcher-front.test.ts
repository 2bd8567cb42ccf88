/** The front of the launcher: what the environment holds, EnvironmentFile= of the application's user among it, root's programs do not see. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** The variables that the launcher has, as bytes: env(1) stands in for it. */
async function launcherHas(environment: NodeJS.ProcessEnv): Promise<readonly string[]> {
  await copyFile('/usr/bin/env', join(directory, 'grenadine-launcher'));
  const { stdout, stderr } = await run(join(directory, 'grenadine-launch'), [], {
    env: environment,
    encoding: 'latin1',
  });
  assert.equal(stderr, '');
  return stdout.split('\n').filter((line) => line !== '');
}

function setApart(variable: string): string {
  return String.fromCharCode(variable.charCodeAt(0) | 0x80) + variable.slice(1);
}

test('the launcher has what systemd says to it, and the rest under names that nobody knows', async () => {
  const seen = await launcherHas({ NOTIFY_SOCKET: '/run/notify', LISTEN_FDS: '1', GREETING: 'hello' });
  assert.deepEqual(seen, ['NOTIFY_SOCKET=/run/notify', 'LISTEN_FDS=1', setApart('GREETING=hello')]);
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
