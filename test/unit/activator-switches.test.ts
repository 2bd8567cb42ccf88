// When a running application is switched without being asked, and what becomes of a pin whose switch fails.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, test } from 'node:test';
import {
  createApplications,
  type Applications,
  type ApplicationState,
} from '../../activator/applications.js';
import { openHost } from '../../activator/host/host.js';
import { createReports, type Reports } from '../../activator/restore/reports.js';
import type { Kept, Outcome } from '../../activator/restore/outcome.js';
import { openStore, type Store } from '../../activator/store/store.js';
import { createSwitches, type Switches } from '../../activator/switches.js';
import { GrenadineError } from '../../generator/config/error.js';
import { readIni } from '../../generator/config/ini-file.js';
import { readApplication } from '../../generator/config/read-application.js';
import { exampleHost, exampleManifest } from './store-example.js';

const { release } = exampleManifest;
const before = { ...release, id: 'r0', target: '/srv/web/releases/r0' };
const restored = { how: 'restored', snapshot: 'second', failed: [] } as unknown as Outcome;
const kept: Kept = { how: 'kept', reason: 'restore-failed', detail: 'no such file', failed: [] };

let root: string;
let store: Store;
let applications: Applications;
let reports: Reports;
let switches: Switches;
let activeState: string;
let reloaded: string[];
let warned: string[];
/** What the launcher reports of the next reload, and whether that fails. */
let answer: Outcome | Kept;

/** `text` goes behind a minimal configuration; what is deployed has a snapshot, and the release before runs. */
function configure(text: string, change: Partial<ApplicationState> = {}): void {
  const ini = `[Application]\nExecStart=/bin/a\nListenStream=80\n${text}`;
  const read = readApplication('web', [readIni('web.conf', ini)], { keep: 3 });
  assert.equal(read.kind, 'read');
  applications.replaceConfiguration([read.application]);
  const snapshot = {
    id: 'second',
    isCurrent: true,
    isPinned: false,
    isUsed: false,
    manifest: exampleManifest,
    bytes: 1,
  };
  const { configuration } = exampleManifest;
  applications.update('web', { configuration, release, snapshots: [snapshot], started: before, ...change });
}

/** Gives what was begun without being waited for its turns. */
async function rest(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'grenadine-switches-'));
  store = openStore(root);
  applications = createApplications();
  reports = createReports();
  activeState = 'active';
  reloaded = [];
  warned = [];
  answer = restored;
  const refuse = (): never => {
    throw new Error('systemd is not to be asked');
  };
  switches = createSwitches({
    applications,
    store,
    reports,
    systemd: {
      ...{
        state: refuse,
        start: refuse,
        stop: refuse,
        restart: refuse,
        reload: refuse,
        resetFailed: refuse,
        version: refuse,
        kill: refuse,
        environmentPaths: refuse,
        onReloaded: refuse,
      },
      activeState: () => Promise.resolve(activeState),
      reloadUnit: async (unit) => {
        reloaded.push(unit);
        await nextTurn();
        if (answer.how === 'restored') applications.update('web', { started: release });
        reports.arrived('web', answer);
        if (answer.how === 'kept') throw new GrenadineError('job-failed', 'ReloadUnit ended with failed');
      },
    },
    host: await openHost(() => Promise.resolve(exampleHost)),
    log: { info: () => undefined, warning: (text) => warned.push(text), error: refuse },
    refresh: () => Promise.resolve(),
  });
});
afterEach(() => rm(root, { recursive: true }));

test('a deployed release that has a snapshot takes the place of the one that runs', async () => {
  configure('');
  switches.followDeployment('web');
  await rest();
  assert.deepEqual(reloaded, ['web.service']);
});

const pinned = {
  id: 'first',
  isCurrent: false,
  isPinned: true,
  isUsed: false,
  manifest: exampleManifest,
  bytes: 1,
};
const reasons: readonly (readonly [string, string, Partial<ApplicationState>])[] = [
  ['OnPublish=wait', '[Release]\nOnPublish=wait\n', {}],
  ['it runs already', '', { started: release }],
  ['nobody knows what runs', '', { started: undefined }],
  ['a snapshot is pinned', '', { snapshots: [pinned] }],
  ['there is no snapshot of it', '', { snapshots: [] }],
  ['the last try failed', '', { kept: { report: kept, release } }],
];
for (const [reason, text, change] of reasons)
  test(`nothing is switched while ${reason}`, async () => {
    configure(text, change);
    switches.followDeployment('web');
    await rest();
    assert.deepEqual(reloaded, []);
  });

test('nothing is switched while the application does not run', async () => {
  configure('');
  activeState = 'inactive';
  switches.followDeployment('web');
  await rest();
  assert.deepEqual(reloaded, []);
});

test('a release whose predecessor failed to be switched to is tried', async () => {
  configure('', { kept: { report: kept, release: before } });
  switches.followDeployment('web');
  await rest();
  assert.deepEqual(reloaded, ['web.service']);
});

test('a switch that fails is told with the reason and the way on', async () => {
  configure('');
  answer = kept;
  switches.followDeployment('web');
  await rest();
  assert.match(warned[0] ?? '', /^web was not switched.*restore-failed: no such file; systemctl reload web/);
});

test('a deployment that is followed twice at once is switched to once', async () => {
  configure('');
  switches.followDeployment('web');
  switches.followDeployment('web');
  await rest();
  assert.equal(reloaded.length, 1);
});

test('the latest is not switched to when there is none, and the pin is gone all the same', async () => {
  configure('', { snapshots: [] });
  await assert.rejects(switches.restore('web', ''), { code: 'no-snapshot' });
  assert.deepEqual(reloaded, []);
});

test('a snapshot that is not there is not pinned', async () => {
  configure('');
  await assert.rejects(switches.restore('web', 'third'), { code: 'no-such-snapshot' });
  assert.deepEqual(reloaded, []);
});
