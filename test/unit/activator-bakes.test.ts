// When a bake that came to nothing is tried again by itself. Without CRIU each fails before anything is started.

import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { createApplications, type Applications } from '../../activator/applications.js';
import { createBakes, type Bakes } from '../../activator/bake/bakes.js';
import type { Criu } from '../../activator/host/criu.js';
import { openHost } from '../../activator/host/host.js';
import { openStore } from '../../activator/store/store.js';
import { GrenadineError } from '../../generator/config/error.js';
import { readIni } from '../../generator/config/ini-file.js';
import { readApplication } from '../../generator/config/read-application.js';
import { exampleHost } from './store-example.js';

const configuration = '[Application]\nExecStart=/bin/a\nListenStream=80\n[Release]\nPath=/srv/web/current\n';
const name = 'web';

interface Timer {
  readonly ms: number;
  readonly act: () => void;
}

let applications: Applications;
let bakes: Bakes;
let nowMs = 0;
/** Timers that were neither fired nor taken back. */
let timers: readonly Timer[] = [];
let signals: readonly string[] = [];
let reconsidered = 0;
let errors: readonly string[] = [];
let criu: Criu;
/** What looking at the application comes to. */
let refresh: () => Promise<void> = () => Promise.resolve();

beforeEach(async () => {
  const read = readApplication(name, [readIni('web.conf', configuration)], { keep: 3 });
  assert.equal(read.kind, 'read');
  applications = createApplications();
  applications.replaceConfiguration([read.application]);
  deploy('/srv/web/releases/1');
  nowMs = 1_000_000;
  timers = [];
  signals = [];
  reconsidered = 0;
  errors = [];
  criu = { kind: 'missing', path: '/usr/sbin/criu' };
  refresh = () => Promise.resolve();
  const refuse = (): never => {
    throw new Error('systemd is not to be asked');
  };
  bakes = createBakes({
    applications,
    store: openStore('/nowhere'),
    systemd: {
      start: refuse,
      stop: refuse,
      restart: refuse,
      reloadUnit: refuse,
      reload: refuse,
      resetFailed: refuse,
      version: refuse,
      kill: refuse,
      state: refuse,
      environmentPaths: refuse,
      activeState: refuse,
      onReloaded: refuse,
    },
    host: await openHost(() => Promise.resolve({ ...exampleHost, criu })),
    log: {
      info: () => undefined,
      warning: () => undefined,
      error: (message) => {
        errors = [...errors, message];
      },
    },
    nowMs: () => nowMs,
    later: (ms, act) => {
      const timer = { ms, act };
      timers = [...timers, timer];
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    refresh: () => refresh(),
    tidy: () => Promise.resolve(),
    reconsider: () => {
      reconsidered += 1;
    },
    emit: (signal, _, code) => {
      signals = [...signals, `${signal} ${code}`];
    },
  });
});

function deploy(target: string | undefined): void {
  applications.update(name, { release: { id: '1', path: '/srv/web/current', target } });
}

async function fail(): Promise<void> {
  await assert.rejects(bakes.bake(name), { code: 'bake-failed' });
}

describe('a bake that failed', () => {
  test('is tried again when its pause is over, and the pause grows', async () => {
    await fail();
    assert.deepEqual(
      timers.map(({ ms }) => ms),
      [60_001],
    );
    nowMs += 60_001;
    reconsidered = 0;
    timers[0]?.act();
    assert.equal(reconsidered, 1);
    await fail();
    assert.equal(timers.at(-1)?.ms, 120_001);
    assert.deepEqual(signals, ['BakeFailed no-criu', 'BakeFailed no-criu']);
  });

  test('has one timer at most, and none while another bake is under way', async () => {
    await fail();
    const second = bakes.bake(name);
    assert.deepEqual(timers, []);
    await assert.rejects(second);
    assert.equal(timers.length, 1);
  });

  test('is left alone after eight failures', async () => {
    for (let attempt = 0; attempt < 8; attempt += 1) await fail();
    assert.deepEqual(timers, []);
  });

  test('is forgiven when something changes, and begins with the shortest pause again', async () => {
    await fail();
    await fail();
    bakes.forgive(name);
    assert.equal(timers.length, 0);
    await fail();
    assert.equal(timers[0]?.ms, 60_001);
  });
});

describe('what the journal is told of a bake that failed', () => {
  const told = /^web: no snapshot was made \(no-criu\): (.*); see: grenadine doctor$/;
  for (const [found, problem] of [
    [{ kind: 'missing', path: '/usr/sbin/criu' }, '/usr/sbin/criu is missing'],
    [
      { kind: 'broken', path: '/usr/sbin/criu' },
      '/usr/sbin/criu is there but does not run (`criu --version` fails)',
    ],
    [
      { kind: 'too-old', path: '/usr/sbin/criu', version: '3.17.1' },
      '/usr/sbin/criu is version 3.17.1, but 4.2 or newer is needed',
    ],
  ] as const)
    test(`is that ${problem}`, async () => {
      criu = found;
      await fail();
      assert.deepEqual(
        errors.map((error) => told.exec(error)?.[1]),
        [problem],
      );
    });

  test('begins with what CRIU’s words mean, where that is known', async () => {
    const said = 'Error (criu/image.c:1): Unable to write: No space left on device';
    refresh = () => Promise.reject(new GrenadineError('dump-failed', said));
    await fail();
    assert.deepEqual(errors, [`web: no snapshot was made (dump-failed): the file system is full (${said})`]);
  });
});

describe('a bake that was superseded', () => {
  beforeEach(() => {
    refresh = () => Promise.reject(new GrenadineError('superseded', 'another release was deployed'));
  });

  test('has not failed, and is reconsidered at once', async () => {
    await fail();
    assert.equal(reconsidered, 1);
    assert.deepEqual(signals, []);
    assert.equal(applications.get(name).failedBakes, 0);
    assert.equal(applications.get(name).bake.kind, 'idle');
  });

  test('three times in a row has failed, so that a release that never rests is not baked without end', async () => {
    for (let attempt = 0; attempt < 3; attempt += 1) await fail();
    assert.deepEqual(signals, ['BakeFailed superseded']);
    assert.equal(applications.get(name).bake.kind, 'failed');
  });
});

describe('a bake that is only tried out', () => {
  test('has its progress told, and is no failure that is remembered or tried again', async () => {
    await assert.rejects(
      bakes.tryOut(name, () => Promise.resolve()),
      { code: 'no-criu' },
    );
    assert.deepEqual(signals, ['BakeProgress queued']);
    assert.equal(applications.get(name).bake.kind, 'idle');
    assert.deepEqual([applications.get(name).failedBakes, timers.length, reconsidered], [0, 0, 0]);
  });

  test('waits for the bakes before it', async () => {
    const begun: (() => void)[] = [];
    refresh = () =>
      new Promise((resolve) => {
        begun.push(resolve);
      });
    const baked = fail();
    const triedOut = assert.rejects(
      bakes.tryOut(name, () => Promise.resolve()),
      { code: 'no-criu' },
    );
    await new Promise(setImmediate);
    assert.equal(begun.length, 1);
    begun[0]?.();
    await baked;
    await new Promise(setImmediate);
    assert.equal(begun.length, 2);
    begun[1]?.();
    await triedOut;
  });

  test('of an application that there is none of is refused at once', () => {
    assert.throws(() => bakes.tryOut('nobody', () => Promise.resolve()), { code: 'no-such-application' });
  });
});

test('an application of which nothing is deployed is not baked by itself', () => {
  deploy(undefined);
  bakes.bakeWhatIsMissing(name);
  assert.equal(applications.get(name).bake.kind, 'idle');
});
