/** The watchdog of the activator: one that hangs is started anew, one that answers is left alone. */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { grenadine } from './grenadine.js';
import { mainPid, systemctl, waitUntilReplaced } from './systemctl.js';

const activator = 'grenadine-activator.service';
const dropIn = `/run/systemd/system/${activator}.d`;

before(async () => {
  await mkdir(dropIn, { recursive: true });
  await writeFile(`${dropIn}/watchdog.conf`, '[Service]\nWatchdogSec=2s\n');
  await systemctl('daemon-reload');
  await systemctl('restart', activator);
});
after(async () => {
  await rm(dropIn, { recursive: true });
  await systemctl('daemon-reload');
  await systemctl('restart', activator);
});

test('an activator that answers is left alone, and one that hangs is started anew', async () => {
  const pid = await mainPid(activator);
  const startedMs = performance.now();
  while (performance.now() - startedMs < 2500) assert.equal((await grenadine('list')).status, 0);
  assert.equal(await mainPid(activator), pid);
  process.kill(pid, 'SIGSTOP');
  await waitUntilReplaced(activator, pid);
  assert.equal((await grenadine('list')).status, 0);
});
