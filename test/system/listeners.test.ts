/** What an application made of its listening sockets: a restore gives it to sockets that were never those of the application. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { firstConnection, install, stop, uninstall } from './application.js';
import { bake } from './grenadine.js';
import { mustRun } from './run-command.js';
import { systemctl } from './systemctl.js';

const address = '127.0.0.1:4030';
const places = [address, '[::1]:4031', '/run/listener.sock'] as const;
/** As test/apps/listener/server.py has them, and as systemd.socket(5) does. */
const backlogs = ['77', '66', '55'];
const untouched = ['4096', '4096', '4096'];

/** ss(8) shows the limit of the accept queue of what listens as its Send-Q. */
async function backlogsNow(): Promise<readonly (string | undefined)[]> {
  const rows = (await mustRun(['ss', '--listening', '--numeric', '--no-header', '--tcp', '--unix']))
    .split('\n')
    .map((line) => line.split(/\s+/));
  return places.map((place) => rows.find((words) => words.includes(place))?.[3]);
}

/** systemd makes them anew: what the application set on those before is gone. */
async function makeSocketsAnew(): Promise<void> {
  await stop('listener');
  await systemctl('restart', 'listener.socket');
  assert.deepEqual(await backlogsNow(), untouched);
}

/** Each listener's options as the kernel tells them now, their memory in hexadecimal digits. */
function optionsIn(body: string): unknown {
  return JSON.parse(body);
}

describe('listening sockets that the application has changed', () => {
  let booted: unknown;

  before(async () => {
    await install('listener', 'listener');
    const { answer, outcome } = await firstConnection('listener', address);
    assert.equal(outcome.how, 'cold');
    booted = optionsIn(answer.body);
    assert.deepEqual(await backlogsNow(), backlogs);
  });
  after(() => uninstall('listener'));

  test('are left alone by a bake', async () => {
    await makeSocketsAnew();
    await bake('listener');
    assert.deepEqual(await backlogsNow(), untouched);
  });

  test('have their backlog and options again after a restore', async () => {
    await makeSocketsAnew();
    const { answer, outcome } = await firstConnection('listener', address);
    assert.equal(outcome.how, 'restored');
    assert.deepEqual(optionsIn(answer.body), booted);
    assert.deepEqual(await backlogsNow(), backlogs);
  });
});
