/** Bakes that come to nothing: what they say, and what they leave. */
import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { after, afterEach, before, describe, test } from 'node:test';
import { install, uninstall } from './application.js';
import { grenadine, jsonRow, jsonRows } from './grenadine.js';
import { journalCursor, waitForLine } from './journal.js';
import { runCommand } from './run-command.js';
import { showUnit, systemctl, waitUntilStarted } from './systemctl.js';

const dropIns = '/etc/grenadine/apps/node.conf.d';

async function configure(text: string): Promise<void> {
  await mkdir(dropIns, { recursive: true });
  await writeFile(`${dropIns}/test.conf`, text);
  await systemctl('daemon-reload');
}

async function assertNothingIsLeft(): Promise<void> {
  assert.deepEqual(await readdir('/var/lib/grenadine/node/tmp').catch(() => []), []);
  assert.equal((await showUnit('node-bake.service'))['MainPID'], '0');
  assert.deepEqual(await jsonRows('list', 'node'), []);
}

describe('a bake', () => {
  before(() => install('node', 'node'));
  afterEach(async () => {
    await rm(dropIns, { recursive: true, force: true });
    await systemctl('daemon-reload');
  });
  after(() => uninstall('node'));

  test('of an application that does not get ready fails in time, and says which answer was missing', async () => {
    await configure('[Warmup]\nReadyPath=/slow?ms=20000\nReadyTimeoutSec=1\n');
    const { status, stderr } = await grenadine('bake', 'node');
    assert.equal(status, 6);
    assert.match(stderr, /not-ready.*ReadyTimeoutSec=/s);
    assert.match(String((await jsonRow('status', 'node'))['problem']), /not-ready/);
    await assertNothingIsLeft();
  });

  test('of an application that ends while it boots fails at once, and names the journal to read', async () => {
    await configure('[Application]\nExecStart=\nExecStart=/bin/false\n');
    const { status, stderr } = await grenadine('bake', 'node');
    assert.equal(status, 6);
    assert.match(stderr, /journalctl -u node-bake\.service/);
    await assertNothingIsLeft();
  });

  test('of an application whose command is missing fails, and names it', async () => {
    await configure('[Application]\nExecStart=\nExecStart=/usr/bin/no-such-program\n');
    const { status, stderr } = await grenadine('bake', 'node');
    assert.equal(status, 6);
    assert.match(stderr, /boot-failed.*No such file or directory/s);
    await assertNothingIsLeft();
  });

  test('with Enable=no is refused', async () => {
    await configure('[Snapshot]\nEnable=no\n');
    const { status, stderr } = await grenadine('bake', 'node');
    assert.equal(status, 1);
    assert.match(stderr, /Enable=no/);
  });

  test('whose activator is killed leaves neither a unit nor a draft', async () => {
    await configure('[Warmup]\nReadyPath=/slow?ms=20000\n');
    const cursor = await journalCursor();
    const baking = grenadine('bake', 'node');
    await waitForLine('node-bake.service', /^listening on/, cursor);
    await runCommand(['systemctl', 'kill', '--signal=KILL', 'grenadine-activator.service'], 10_000);
    assert.notEqual((await baking).status, 0);
    await waitUntilStarted('grenadine-activator.service');
    await assertNothingIsLeft();
  });
});
