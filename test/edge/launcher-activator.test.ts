// The launcher and the activator over a real bus, with a stand-in for criu: who is asked, how long, and what is told.
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { openSystemBus, type Bus } from '../../activator/bus/connection.js';
import { planFor } from './launcher/plan-text.js';
import { openPrivateBus, type PrivateBus } from './launcher/private-bus.js';
import { configuration, openPrivateHost, skip, type PrivateHost } from './launcher/private-host.js';

const first = 'aaaaaaaaaaaa';
const second = 'bbbbbbbbbbbb';

describe('the activator', { skip }, () => {
  let host: PrivateHost;
  let daemon: PrivateBus;
  let activator: Bus | undefined;
  let reports: (readonly unknown[])[];
  let arrived: () => void;
  let reported: Promise<void>;

  before(async () => {
    host = await openPrivateHost({ hasCriu: true });
    daemon = await openPrivateBus(host);
  });
  after(async () => {
    daemon.close();
    await host.close();
  });
  beforeEach(() => {
    reports = [];
    reported = new Promise((resolve) => {
      arrived = resolve;
    });
  });
  afterEach(async () => {
    activator?.close();
    activator = undefined;
    await rm(join(host.directory, 'state/web'), { recursive: true, force: true });
  });

  /** Puts an activator on the bus. */
  const answerWith = async (activate: (...body: unknown[]) => unknown): Promise<void> => {
    activator = await openSystemBus(() => undefined);
    const interfaceName = 'org.grenadine.Activator1';
    const report = (...body: unknown[]): void => {
      reports.push(body);
      arrived();
    };
    activator.export(
      '/org/grenadine/Activator1',
      interfaceName,
      {
        Activate: { in: 'ss', out: 'as', run: activate },
        Report: { in: 'sa{ss}', out: '', noReply: true, run: report },
      },
      {},
    );
    await activator.requestName(interfaceName);
  };
  const start = () => host.start(['--', '/bin/sh', '-c', 'exit 5']).ended;
  const outcome = async (): Promise<Readonly<Record<string, string>>> =>
    Object.fromEntries(await host.outcome());

  test('is asked by name and configuration, and the ladder it answers is descended in order', async () => {
    await host.addSnapshot({ id: first, what: 'fail', plan: await planFor(host, first) });
    await host.addSnapshot({
      id: second,
      what: 'succeed',
      plan: await planFor(host, second),
      script: 'exit 9',
    });
    const asked: unknown[] = [];
    await answerWith((...body) => {
      asked.push(...body);
      return [first, second];
    });
    const { status, err } = await start();
    assert.equal(status, 9);
    assert.deepEqual(asked, ['web', configuration]);
    const said = await outcome();
    assert.deepEqual([said['how'], said['snapshot'], said['answer']], ['restored', second, 'activator']);
    assert.match(said['failed'] ?? '', /^aaaaaaaaaaaa restore-failed /);
    assert.doesNotMatch(err, /^<4>.*activator/m);
  });

  test('gets the outcome as it is written', async () => {
    await host.addSnapshot({ id: first, what: 'fail', plan: await planFor(host, first) });
    await answerWith(() => [first, second]);
    await start();
    // Sent before the launcher ended, and nobody waited for its arrival.
    await reported;
    const written = await host.outcome();
    const failed = written.filter(([key]) => key === 'failed').map(([, value]) => value);
    assert.equal(failed.length, 2);
    assert.deepEqual(reports, [['web', { ...Object.fromEntries(written), failed: failed.join('\n') }]]);
  });

  test('vouches for the files of what it names, and criu reads the build-ids of the rest', async () => {
    const validation = async (): Promise<string | undefined> => {
      await host.addSnapshot({
        ...{ id: first, what: 'succeed', script: 'exit 9' },
        plan: await planFor(host, first),
      });
      assert.equal((await start()).status, 9);
      const words = (await readFile(join(host.directory, 'run/work/web/arguments'), 'utf8')).split('\n');
      return words.includes('--file-validation') ? words[words.indexOf('--file-validation') + 1] : undefined;
    };
    assert.equal(await validation(), undefined);
    await answerWith(() => [first]);
    assert.equal(await validation(), 'filesize');
  });

  test('means a cold boot by an empty ladder, whatever is published', async () => {
    await host.addSnapshot({ id: first, what: 'succeed', plan: await planFor(host, first) });
    await answerWith(() => []);
    assert.equal((await start()).status, 5);
    const said = await outcome();
    assert.deepEqual([said['answer'], said['reason']], ['activator', 'no-snapshot']);
  });

  test('has not answered when its ladder names no snapshots', async () => {
    await host.addSnapshot({
      id: first,
      what: 'succeed',
      plan: await planFor(host, first),
      script: 'exit 9',
    });
    await answerWith(() => ['../../../../tmp']);
    const { status, err } = await start();
    assert.equal(status, 9);
    assert.equal((await outcome())['answer'], 'plan');
    assert.match(
      err,
      /^<4>Another program has the activator's name on the bus, or one of another version, /m,
    );
  });

  test('is blamed where it names a snapshot that is not there', async () => {
    await answerWith(() => [first]);
    assert.equal((await start()).status, 5);
    const said = await outcome();
    assert.deepEqual([said['how'], said['reason']], ['cold', 'no-snapshot']);
    assert.equal(
      said['detail'],
      `the activator named this snapshot, and there is no /var/lib/grenadine/web/snapshots/${first}/`,
    );
  });

  test('is not waited for where it is not on the bus', async () => {
    await host.addSnapshot({
      id: first,
      what: 'succeed',
      plan: await planFor(host, first),
      script: 'exit 9',
    });
    const { status, err } = await start();
    assert.equal(status, 9);
    const said = await outcome();
    assert.equal(said['answer'], 'plan');
    assert.ok(Number(said['answered-us']) < 200_000, said['answered-us']);
    assert.match(err, /^<4>The activator is not on the bus, proceeding with what was published last/m);
  });

  test('costs its deadline and no more when it does not answer', async () => {
    await host.addSnapshot({
      id: first,
      what: 'succeed',
      plan: await planFor(host, first),
      script: 'exit 9',
    });
    await answerWith(() => new Promise(() => undefined));
    const { status, err } = await start();
    assert.equal(status, 9);
    const said = await outcome();
    assert.equal(said['answer'], 'plan');
    assert.ok(Number(said['answered-us']) >= 200_000, said['answered-us']);
    assert.equal([...err.matchAll(/^<4>The activator did not answer within 200 ms, /gm)].length, 1);
  });

  test('hears of a start that its bus took too late', { timeout: 20_000 }, async () => {
    await answerWith(() => []);
    daemon.hang();
    const script = 'trap "exit 5" TERM; echo up; while :; do sleep 0.01; done';
    const launcher = host.start(['--', '/bin/sh', '-c', script]);
    // What the application says is passed on after the report was left alone.
    await launcher.saw('up');
    assert.deepEqual(reports, []);
    daemon.goOn();
    await reported;
    launcher.process.kill('SIGTERM');
    assert.equal((await launcher.ended).status, 5);
  });
});
