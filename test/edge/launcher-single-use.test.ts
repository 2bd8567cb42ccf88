// A snapshot that serves one start: used up before criu begins, by whoever comes first, and by nobody again. With a
// stand-in for criu, where there is no bus.
import assert from 'node:assert/strict';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { planFor } from './launcher/plan-text.js';
import { openPrivateHost, skip, type PrivateHost, type Snapshot } from './launcher/private-host.js';
import { until } from './launcher/switching.js';

const id = 'aaaaaaaaaaaa';
const cold = ['--', '/bin/sh', '-c', 'exit 5'];

let host: PrivateHost;

const folder = (): string => join(host.directory, 'state/web/snapshots', id);

async function addSnapshot(what: Snapshot['what'], deadlineMs = 10_000): Promise<void> {
  const plan = await planFor(host, id, { isForOnce: true, deadlineMs });
  await host.addSnapshot({ id, what, plan, script: 'exit 9' });
  await writeFile(join(folder(), 'unused'), '');
}

/** How it came up, and why so. */
async function start(): Promise<readonly (string | undefined)[]> {
  await host.start(cold).ended;
  const said = Object.fromEntries(await host.outcome());
  return [said['how'], said['reason']];
}

describe('a snapshot for one start', { skip }, () => {
  before(async () => {
    host = await openPrivateHost({ hasCriu: true });
  });
  after(() => host.close());
  afterEach(() => rm(join(host.directory, 'state/web'), { recursive: true, force: true }));

  test('serves one, and the next boots cold', async () => {
    await addSnapshot('succeed');
    assert.deepEqual(await start(), ['restored', undefined]);
    assert.deepEqual(await start(), ['cold', 'snapshot-used']);
  });

  test('serves one of two that come at once', async () => {
    await addSnapshot('succeed');
    const ended = await Promise.all([host.start(cold).ended, host.start(cold).ended]);
    assert.deepEqual(ended.map(({ status }) => status).sort(), [5, 9]);
  });

  test('is used up although its restore failed', async () => {
    await addSnapshot('fail');
    assert.deepEqual(await start(), ['cold', 'restore-failed']);
    assert.deepEqual(await start(), ['cold', 'snapshot-used']);
  });

  test('is used up although the launcher was killed while criu was at work', async () => {
    await addSnapshot('hang', 600_000);
    const began = join(host.directory, 'run/work/web/arguments');
    await rm(began, { force: true });
    const launcher = host.start(cold);
    await until(() =>
      access(began).then(
        () => true,
        () => false,
      ),
    );
    launcher.process.kill('SIGKILL');
    await launcher.ended;
    assert.deepEqual(await start(), ['cold', 'snapshot-used']);
  });

  test('is left as it is where another reason speaks against it', async () => {
    const plan = await planFor(host, id, { isForOnce: true, kernel: '1.0' });
    await host.addSnapshot({ id, what: 'succeed', plan });
    await writeFile(join(folder(), 'unused'), '');
    assert.deepEqual(await start(), ['cold', 'snapshot-stale']);
    await access(join(folder(), 'unused'));
  });

  test('serves nobody where it cannot be marked as used', async () => {
    await addSnapshot('succeed');
    await mkdir(join(folder(), 'used'));
    assert.deepEqual(await start(), ['cold', 'use-failed']);
  });
});
