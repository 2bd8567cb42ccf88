// A switch with an activator on the bus: it is asked again, and told what became of it, good or bad.
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { openSystemBus, type Bus } from '../../activator/bus/connection.js';
import { openPrivateBus, type PrivateBus } from './launcher/private-bus.js';
import { planFor } from './launcher/plan-text.js';
import {
  ask,
  configuration,
  openPrivateHost,
  skip,
  type Launcher,
  type PrivateHost,
  type Snapshot,
} from './launcher/private-host.js';
import { program, switchAs, switchLine, until } from './launcher/switching.js';

const first = 'aaaaaaaaaaaa';
const second = 'bbbbbbbbbbbb';
const failing = 'cccccccccccc';

let host: PrivateHost;
let launcher: Launcher;
let bus: Bus;

const add = async (id: string, script: string, what: Snapshot['what'] = 'succeed'): Promise<void> => {
  await host.addSnapshot({ id, what, plan: await planFor(host, id), script });
};
const request = (line: string): Promise<string> => ask(host, 'web', line);

/** Answers the n-th question with the n-th ladder, and no other. */
const openActivator = async (ladders: readonly (readonly string[])[]) => {
  bus = await openSystemBus(() => undefined);
  const asked: unknown[][] = [];
  const reports: unknown[][] = [];
  const activate = (...body: unknown[]): unknown => {
    asked.push(body);
    return ladders[asked.length - 1] ?? new Promise(() => undefined);
  };
  const report = (...body: unknown[]): void => {
    reports.push(body);
  };
  bus.export(
    '/org/grenadine/Activator1',
    'org.grenadine.Activator1',
    {
      Activate: { in: 'ss', out: 'as', run: activate },
      Report: { in: 'sa{ss}', out: '', noReply: true, run: report },
    },
    {},
  );
  await bus.requestName('org.grenadine.Activator1');
  const hasReported = (times: number): Promise<void> =>
    until(async () => {
      await nextTurn();
      return reports.length === times;
    });
  return { asked, reports, hasReported };
};

/** Restores `first`, which the activator must name. */
const start = async (): Promise<void> => {
  launcher = host.start(['--', '/bin/false'], {});
  await launcher.saw('first is up');
  await until(async () => (await request('state')) !== '');
};

describe('a switch asks the activator', { skip }, () => {
  let daemon: PrivateBus;
  before(async () => {
    host = await openPrivateHost({ hasCriu: true });
    daemon = await openPrivateBus(host);
  });
  after(async () => {
    daemon.close();
    await host.close();
  });
  beforeEach(() => add(first, program('first', 3)));
  afterEach(async () => {
    launcher.process.kill('SIGKILL');
    await launcher.ended;
    bus.close();
    await rm(join(host.directory, 'state/web'), { recursive: true, force: true });
  });

  test('again, descends its ladder and reports', async () => {
    await add(second, program('second', 4));
    await add(failing, '', 'fail');
    const { asked, reports, hasReported } = await openActivator([[first], [failing, second]]);
    await start();
    assert.match(await request(switchLine), /^ok ms=\d+ snapshot=bbbbbbbbbbbb$/);
    const question = ['web', configuration];
    assert.deepEqual(asked, [question, question]);
    await hasReported(2);
    const written = Object.fromEntries(await host.outcome());
    assert.deepEqual(reports[1], ['web', written]);
    assert.deepEqual([written['switched'], written['answer']], ['yes', 'activator']);
    assert.match(written['failed'] ?? '', /^cccccccccccc restore-failed /);
  });

  test('for the configuration that the unit has now', async () => {
    const { asked } = await openActivator([[first], []]);
    await start();
    await request(switchAs({ ofConfiguration: 'ffffffffffffffff' }));
    assert.deepEqual(asked[1], ['web', 'ffffffffffffffff']);
  });

  test('and goes by what is published when it does not answer in time', async () => {
    await openActivator([[first]]);
    await start();
    await add(second, program('second', 4));
    assert.match(await request(switchLine), /^ok ms=\d+ snapshot=bbbbbbbbbbbb$/);
    assert.equal(Object.fromEntries(await host.outcome())['answer'], 'plan');
  });

  test('and fails when it has no snapshot that may serve', async () => {
    await openActivator([[first], []]);
    await start();
    assert.match(
      await request(switchLine),
      /^error switch-failed no-snapshot: the activator has no snapshot/,
    );
  });

  test('and reports a snapshot that failed, while the outcome says what runs', async () => {
    await add(failing, '', 'fail');
    const { reports, hasReported } = await openActivator([[first], [failing]]);
    await start();
    assert.match(await request(switchLine), /^error switch-failed restore-failed: /);
    await hasReported(2);
    const [name, report] = reports[1] ?? [];
    assert.equal(name, 'web');
    const { how, reason, failed, snapshot } = Object.fromEntries(Object.entries(report ?? {}));
    assert.deepEqual([how, reason, snapshot], ['kept', 'restore-failed', undefined]);
    assert.match(String(failed), /^cccccccccccc restore-failed /);
    assert.match(await readFile(join(host.directory, 'run/outcome/web'), 'utf8'), /^how=restored$/m);
  });
});
