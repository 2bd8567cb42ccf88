// What `Why` answers of an application as its snapshots and its host change: what explained a cold boot goes on doing so,
// and what is said of the next start is what it will be like.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApplications, ladder, type ApplicationState } from '../../activator/applications.js';
import type { HostFingerprint } from '../../activator/host/differences.js';
import { circumstancesOf } from '../../activator/prospects.js';
import { readReport, type Outcome } from '../../activator/restore/outcome.js';
import { why } from '../../activator/rows/application.js';
import type { StoredSnapshot } from '../../activator/store/store.js';
import { readIni } from '../../generator/config/ini-file.js';
import { readApplication } from '../../generator/config/read-application.js';
import { exampleCriu, exampleHost, exampleManifest } from './store-example.js';

const [first, second] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'];
const { configuration, release } = exampleManifest;

function stateOf(change: Partial<ApplicationState>): ApplicationState {
  const ini = '[Application]\nExecStart=/bin/a\nListenStream=80\n';
  const read = readApplication('web', [readIni('web.conf', ini)], { keep: 3 });
  assert.equal(read.kind, 'read');
  const applications = createApplications();
  applications.replaceConfiguration([read.application]);
  applications.update('web', { configuration, release, ...change });
  return applications.get('web');
}

function snapshot(id: string, change: Partial<typeof exampleManifest> = {}): StoredSnapshot {
  const manifest = { ...exampleManifest, ...change };
  return { id, manifest, isCurrent: true, isPinned: false, isUsed: false, bytes: 1 };
}

function coldBoot(reason: string, ...failed: readonly string[]): Outcome {
  const report = readReport([
    ['how', 'cold'],
    ['reason', reason],
    ...failed.map((line) => ['failed', line] as const),
  ]);
  assert.ok(report?.how === 'cold');
  return report;
}

interface Said {
  readonly reason: string;
  readonly advice: string;
  readonly degraded: string;
}

async function said(state: ApplicationState, host: HostFingerprint, isAutomatic = true): Promise<Said> {
  const unit = {
    ...{ loadState: 'loaded', activeState: 'active', subState: 'running', needDaemonReload: false },
    ...{ mainPid: 1, result: 'success', restarts: 0, ended: '', begunUs: 0, forkUs: 0 },
  };
  const row = await why(state, {
    systemd: { state: () => Promise.resolve(unit) },
    host: { now: () => host },
    controller: { isAutomatic: () => isAutomatic },
  });
  const textOf = (key: string): string => {
    const value = row[key];
    assert.ok(typeof value === 'object' && value !== null && 'value' in value);
    return String(value.value);
  };
  return { reason: textOf('reason'), advice: textOf('advice'), degraded: textOf('degraded') };
}

const criu = { kind: 'present', identity: { ...exampleCriu, size: 2, version: '4.3' } } as const;
const upgraded: HostFingerprint = { ...exampleHost, criu };

test('a snapshot of another CRIU is handed out, and nobody is told that starts go on from it', async () => {
  const outcome = coldBoot('snapshot-stale', `${first} snapshot-stale x`);
  const before = stateOf({ outcome, snapshots: [snapshot(first)] });
  assert.deepEqual(ladder(before, upgraded), [first]);
  const state = { ...before, circumstances: circumstancesOf(before, outcome, upgraded) };
  const manual = await said(state, upgraded, false);
  assert.match(manual.reason, /no snapshot fitted any more: aaaaaaaaaaaa: CRIU was 4\.2\.1, it is 4\.3/);
  assert.match(manual.advice, /grenadine bake web\. Until there is one, each start is a cold boot/);
  assert.match(manual.degraded, /no snapshot fits any more/);
  const queued = await said({ ...state, bake: { kind: 'queued' } }, upgraded);
  assert.equal(
    queued.advice,
    'A new snapshot is about to be baked. Until there is one, each start is a cold boot.',
  );
});

test('a cold boot from before there was a snapshot is not explained by those that there were later', async () => {
  const outcome = coldBoot('no-snapshot');
  const empty = stateOf({ outcome });
  const state: ApplicationState = {
    ...empty,
    circumstances: circumstancesOf(empty, outcome, exampleHost),
    snapshots: [snapshot(second), snapshot(first, { configuration: 'another' })],
  };
  assert.deepEqual(await said(state, exampleHost), {
    reason: 'there was no snapshot of what was deployed',
    advice: `Starts go on from ${second}.`,
    degraded: '',
  });
  const setAside = { snapshot: first, code: 'damaged', text: 'x', failure: '' };
  assert.equal(
    (await said({ ...state, snapshots: [], setAside }, exampleHost)).reason,
    'there was no snapshot of what was deployed',
  );
});

test('how things stood at another start says nothing of this one', async () => {
  const old = stateOf({ snapshots: [snapshot(first, { configuration: 'another' })] });
  const start = { ...coldBoot('no-snapshot'), realtimeUs: 1 };
  const state = {
    ...old,
    outcome: coldBoot('no-snapshot'),
    circumstances: circumstancesOf(old, start, exampleHost),
  };
  assert.equal((await said(state, exampleHost)).reason, 'there was no snapshot that could serve');
});

test('a snapshot to blame is left out of what comes next until it is set aside, and not once that has failed', async () => {
  const outcome = coldBoot('plan-invalid', `${first} plan-invalid x`);
  const state = stateOf({ outcome, snapshots: [snapshot(first)] });
  assert.match(
    (await said(state, exampleHost)).advice,
    /is being set aside\. A new snapshot is baked by itself/,
  );
  const setAside = { snapshot: first, code: 'plan-invalid', text: 'x', failure: 'EROFS' };
  const stuck = { ...state, setAside, circumstances: circumstancesOf(state, outcome, exampleHost) };
  assert.match(
    (await said(stuck, exampleHost)).advice,
    /\(EROFS\): the next start tries it again\..*Nothing bakes a new snapshot by itself while one that fits is stored/,
  );
});

test('no bake is promised while Path= leads nowhere', async () => {
  const undeployed = { id: '-', path: '/srv/web/current', target: undefined };
  const { advice, degraded } = await said(
    stateOf({ outcome: coldBoot('no-snapshot'), release: undeployed }),
    exampleHost,
  );
  assert.match(advice, /^Path= \(\/srv\/web\/current\) leads nowhere/);
  assert.ok(advice.startsWith(degraded) && degraded !== '');
});
