/** Deployments: a new release is noticed and baked aside by itself, and nothing of an old one serves in its place. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { deploy, firstConnection, install, setBake, stop, uninstall } from './application.js';
import { counterAt, readCounter } from './counter.js';
import {
  activator,
  address,
  configureMore,
  flip,
  home,
  lay,
  name,
  published,
  serving,
  until,
} from './deployment.js';
import { grenadine, jsonRow, jsonRows } from './grenadine.js';
import { journalCursor, linesOf, waitForLine } from './journal.js';
import { mustRun } from './run-command.js';
import { showUnit, systemctl } from './systemctl.js';

describe('a deployment', () => {
  before(async () => {
    await deploy('node');
    await lay('1');
    await flip('1');
    await install('node', name);
    await configureMore('[Release]\nOnPublish=wait\n');
    await setBake('auto');
    await until(published, () => systemctl('daemon-reload'));
  });
  after(async () => {
    await uninstall(name);
    await rm(home, { recursive: true });
    await setBake('manual');
    await systemctl('daemon-reload');
  });

  test('is baked by itself while the release before goes on serving', async () => {
    await stop(name);
    assert.equal(await serving(), '1');
    const { bootId } = await counterAt(address);
    await lay('2');
    await until(published, () => flip('2'));
    assert.equal((await counterAt(address)).bootId, bootId);
    assert.equal(await serving(), '1');
  });

  test('leaves both snapshots in the list, the older one with the reason why it is stale', async () => {
    const rows = await jsonRows('list', name);
    assert.deepEqual(
      rows.map(({ release, valid, current }) => ({ release, valid, current })),
      [
        { release: '2', valid: true, current: true },
        { release: '1', valid: false, current: false },
      ],
    );
    assert.match(String(rows[1]?.['stale']), /release 1.*2 is deployed/);
  });

  test('is not what a dump of the release before is taken for', async () => {
    const { status, stderr } = await grenadine('dump', name);
    assert.notEqual(status, 0);
    assert.match(stderr, /release-changed.*release 1.*2 is deployed/s);
  });

  test('is restored at the next start', async () => {
    const { answer, outcome } = await firstConnection(name, address);
    assert.equal(outcome.how, 'restored');
    assert.equal(readCounter(answer.body).cwd, `${home}/releases/2`);
  });

  test('that goes back makes the older snapshot valid again, without another bake', async () => {
    const cursor = await journalCursor();
    await until(/release 1 is deployed now/, () => flip('1'));
    const { answer, outcome } = await firstConnection(name, address);
    assert.equal(outcome.how, 'restored');
    assert.equal(readCounter(answer.body).cwd, `${home}/releases/1`);
    assert.deepEqual(
      (await linesOf(activator, cursor)).filter((line) => published.test(line)),
      [],
    );
  });

  test('of five releases in a second makes one snapshot, of the last', async () => {
    for (const release of ['3', '4', '5']) await lay(release);
    const cursor = await journalCursor();
    await until(published, async () => {
      for (const release of ['3', '4', '3', '4', '5']) await flip(release);
    });
    const said = (await linesOf(activator, cursor)).filter((line) => published.test(line));
    assert.equal(said.length, 1);
    assert.equal((await jsonRows('list', name))[0]?.['release'], '5');
  });

  test('gives nothing of the release before to a start that comes first', async () => {
    await stop(name);
    await lay('6');
    await until(published, async () => {
      await flip('6');
      assert.equal(await serving(), '6');
    });
  });

  test('that is followed by another one while it is baked is not published', async () => {
    await lay(
      '7',
      `console.log('booting'); await new Promise((go) => setTimeout(go, 5000)); await import('../1/server.mjs');`,
    );
    await lay('8');
    const cursor = await journalCursor();
    await flip('7');
    await waitForLine(`${name}-bake.service`, 'booting', cursor);
    await until(published, () => flip('8'));
    assert.match((await linesOf(activator, cursor)).join('\n'), /no snapshot was made \(superseded\)/);
    const releases = (await jsonRows('list', name)).map(({ release }) => release);
    assert.equal(releases[0], '8');
    assert.ok(!releases.includes('7'));
    assert.equal((await jsonRow('status', name))['problem'], '');
  });

  test('that cannot boot leaves the release before serving, and status says why', async () => {
    const bootId = (await counterAt(address)).bootId;
    await lay('9', 'process.exit(3);');
    const said = await until(/no snapshot was made/, () => flip('9'));
    assert.match(said, /boot-failed|launcher-gone|not-ready/);
    const status = await jsonRow('status', name);
    assert.match(String(status['problem']), /the last bake failed/);
    assert.equal(status['release'], '9');
    assert.match(String((await jsonRow('why', name))['problem']), /the last bake failed/);
    assert.equal((await counterAt(address)).bootId, bootId);
    assert.equal((await showUnit(`${name}-bake.service`))['MainPID'], '0');
  });

  test('that follows one that cannot boot is baked at once', async () => {
    await lay('10');
    await until(published, () => flip('10'));
    assert.equal((await jsonRow('status', name))['problem'], '');
  });

  test('whose link goes away is no reason to bake, and its return none either', async () => {
    const cursor = await journalCursor();
    await until(/no release is deployed now/, () => rm(`${home}/current`));
    await until(/release 10 is deployed now/, () => flip('10'));
    assert.deepEqual(
      (await linesOf(activator, cursor)).filter((line) => published.test(line)),
      [],
    );
    assert.equal((await jsonRows('list', name))[0]?.['valid'], true);
  });
});

describe('a release that is updated in place', () => {
  before(async () => {
    await deploy('node');
    await lay('1');
    await install('node', name);
    await configureMore(
      `[Application]\nWorkingDirectory=${home}/releases/1\n[Release]\nPath=${home}/releases/1\nTrigger=tmp/restart.txt\n`,
    );
    await setBake('auto');
    await until(published, () => systemctl('daemon-reload'));
  });
  after(async () => {
    await uninstall(name);
    await rm(home, { recursive: true });
    await setBake('manual');
    await systemctl('daemon-reload');
  });

  test('is baked anew when its trigger is touched, and the list shows when that was', async () => {
    await until(published, async () => {
      await mustRun(['touch', '--date=2026-01-02T12:00:00Z', `${home}/releases/1/tmp/restart.txt`]);
    });
    const [newer, older] = await jsonRows('list', name);
    assert.match(String(newer?.['release']), /@2026-01-02T12:00:00\.000Z$/);
    assert.equal(newer?.['valid'], true);
    assert.equal(older?.['valid'], false);
    assert.match((await grenadine('list', name)).stdout, /2026-01-02T12:00:00/);
  });

  test('is not restored from before the touch', async () => {
    await setBake('manual');
    await systemctl('daemon-reload');
    await until(/is deployed now/, async () => {
      await mustRun(['touch', `${home}/releases/1/tmp/restart.txt`]);
    });
    assert.equal((await firstConnection(name, address)).outcome.how, 'cold');
  });

  test('is not restored from before the touch without the activator either', async () => {
    await systemctl('stop', activator);
    try {
      assert.equal((await firstConnection(name, address)).outcome.how, 'cold');
    } finally {
      await systemctl('start', activator);
    }
  });
});
