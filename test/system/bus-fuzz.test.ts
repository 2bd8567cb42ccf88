/**
 * Values by chance over the real bus: D-Bus sees to their types, and what they say is ours to check. Each call is answered
 * by an error of ours or by what it asks for, and the activator outlives them all. Five seconds of it, or ten minutes
 * (GRENADINE_LONG=1); GRENADINE_SEED= makes it do the same again.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { busName, interfaceName, methods, objectPath, type MethodName } from '../../activator/bus/api.js';
import { openSystemBus, type Bus } from '../../activator/bus/connection.js';
import { faultOfName } from '../../generator/config/application-name.js';
import { mutate } from '../fuzz/mutate.js';
import { randomFrom } from '../fuzz/random.js';
import { install, uninstall } from './application.js';
import { grenadine } from './grenadine.js';
import { mainPid, showUnit } from './systemctl.js';

const activator = 'grenadine-activator.service';
const name = 'node';
const forMs = process.env['GRENADINE_LONG'] === undefined ? 5_000 : 600_000;
const seed = Number(process.env['GRENADINE_SEED'] ?? Date.now() % 2 ** 31);
const atOnce = 8;
const timeoutMs = 30_000;
/** Of a call that has no answer. */
const unansweredMs = 500;

/** Those with arguments, but for those that would have the application boot each time that its name comes up. */
const tried = [
  ...(['Activate', 'Report', 'ListSnapshots', 'Status', 'Why', 'Restore', 'Remove', 'Verify'] as const),
  ...(['Kill', 'Define', 'Bake', 'Dump', 'Examine', 'CompareRestores'] as const),
];
const boots: readonly MethodName[] = ['Bake', 'Dump', 'Examine', 'CompareRestores', 'Restore'];

const seeds = [
  ...[
    name,
    'no-such-one',
    '0123456789ab',
    '0123456789abcdef',
    '/articles?x=1',
    'current',
    '../../etc/passwd',
  ],
  '[Application]\nExecStart=/usr/bin/node server.js\nListenStream=127.0.0.1:4000\nUser=counter\n[Snapshot]\nEnable=no\n',
];
const words = [
  'how=',
  'restored',
  '0123456789ab restore-failed',
  '%n',
  '\\x00',
  '$(id)',
  'ExecStart=',
  '\u001b[2J',
];
const keys = [
  'how',
  'snapshot',
  'failed',
  'reason',
  'detail',
  'ready-us',
  'realtime-us',
  'start-us',
  'answer',
];

/** `Internal` is an error that nobody has foreseen. */
const ours = /^org\.grenadine\.Error\.(?!Internal$)[A-Z][A-Za-z]+$/;

function fail(error: unknown): never {
  throw error;
}

describe('the activator', () => {
  const random = randomFrom(seed);
  let bus: Bus;
  let reporter: Promise<Bus>;
  let reports = 0;
  before(async () => {
    await install(name, name);
    await grenadine('list');
    bus = await openSystemBus(fail);
    reporter = openSystemBus(fail);
  });
  after(async () => {
    bus.close();
    (await reporter).close();
    await uninstall(name);
  });

  /** As D-Bus lets it through: UTF-8 without NUL. Now and then as it is. */
  const someText = (): string => {
    const text = random.pick(seeds) ?? '';
    if (random.below(4) === 0) return text;
    return mutate(Buffer.from(text), random, words).toString('utf8').replaceAll('\0', '');
  };

  const somePairs = (): Record<string, string> => {
    const key = (): string => (random.below(4) === 0 ? someText() : (random.pick(keys) ?? ''));
    return Object.fromEntries(Array.from({ length: random.below(6) }, () => [key(), someText()]));
  };

  const values: Readonly<Record<string, () => unknown>> = {
    s: someText,
    b: () => random.below(2) === 1,
    i: () => random.below(2 ** 32) - 2 ** 31,
    'a{ss}': somePairs,
  };

  const someBody = (member: MethodName): readonly unknown[] =>
    (methods[member].in.match(/a\{ss\}|./g) ?? []).map((type) => values[type]?.());

  const wouldDo = (member: MethodName, [who]: readonly unknown[]): boolean => {
    if (boots.includes(member)) return who === name;
    return member === 'Define' && who !== name && faultOfName(String(who)) === undefined;
  };

  const call = (to: Bus, member: MethodName, body: readonly unknown[]): Promise<string> =>
    to
      .call({
        ...{ destination: busName, path: objectPath, interface: interfaceName, member },
        ...{ signature: methods[member].in, body, timeoutMs: member === 'Report' ? unansweredMs : timeoutMs },
      })
      .then(
        () => 'taken',
        (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
      );

  /** It has no answer, for which the bus would wait as long as the connection lasts. */
  const report = async (body: readonly unknown[]): Promise<string> => {
    reports += 1;
    if (reports % 50 === 0) {
      const last = reporter;
      reporter = openSystemBus(fail);
      (await last).close();
    }
    void call(await reporter, 'Report', body);
    return 'taken';
  };

  test(`answers whatever values come, for ${forMs / 1000} s`, async (context) => {
    const pid = await mainPid(activator);
    const endMs = performance.now() + forMs;
    let calls = 0;
    const one = async (): Promise<void> => {
      while (performance.now() < endMs) {
        const member = random.pick(tried) ?? 'Status';
        const body = someBody(member);
        if (wouldDo(member, body)) continue;
        calls += 1;
        const answer = member === 'Report' ? await report(body) : await call(bus, member, body);
        assert.ok(
          answer === 'taken' || ours.test(answer),
          `seed ${seed}: ${answer} of ${member} ${JSON.stringify(body)}`,
        );
      }
    };
    await Promise.all(Array.from({ length: atOnce }, one));
    context.diagnostic(`${calls} calls, seed ${seed}`);
    assert.equal(await call(bus, 'Status', [name]), 'taken');
    assert.equal(await mainPid(activator), pid);
    assert.equal((await showUnit(activator))['NRestarts'], '0');
  });
});
