// What launchers say of starts is taken in late, and another start may have been made by then.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApplications, type Applications } from '../../activator/applications.js';
import { readReport, type Kept, type Outcome } from '../../activator/restore/outcome.js';
import { createStarts, type Starts } from '../../activator/starts.js';
import { openStore, type Store, type StoredSnapshot } from '../../activator/store/store.js';
import { readIni } from '../../generator/config/ini-file.js';
import { readApplication } from '../../generator/config/read-application.js';
import { exampleManifest } from './store-example.js';

const exampleSnapshot: StoredSnapshot = {
  ...{ id: 'aaaaaaaaaaaa', manifest: exampleManifest, bytes: 1 },
  ...{ isCurrent: true, isPinned: false, isUsed: false },
};

/** `set` are the snapshots that were set aside. */
function open(): { readonly applications: Applications; readonly starts: Starts; readonly set: string[] } {
  const ini = '[Application]\nExecStart=/bin/a\nListenStream=80\n';
  const read = readApplication('web', [readIni('web.conf', ini)], { keep: 3 });
  assert.equal(read.kind, 'read');
  const applications = createApplications();
  applications.replaceConfiguration([read.application]);
  const silent = (): void => undefined;
  const log = { info: silent, warning: silent, error: silent };
  const systemd = { state: () => Promise.reject(new Error('nobody asks')) };
  const set: string[] = [];
  const store: Store = {
    ...openStore('/nonexistent'),
    list: () => Promise.resolve([exampleSnapshot]),
    chosen: () => Promise.resolve(exampleSnapshot.id),
    quarantine: (_name, id) => Promise.resolve(void set.push(id)),
  };
  const starts = createStarts({ applications, systemd, store, log });
  return { applications, starts, set };
}

function restoredFrom(snapshot: string): Outcome | Kept {
  const report = readReport([
    ['how', 'restored'],
    ['snapshot', snapshot],
  ]);
  assert.ok(report !== undefined);
  return report;
}

test('a snapshot for one start is used up as soon as that is reported, and no other one is', () => {
  const { applications, starts } = open();
  const snapshots = (['once', 'once', 'unlimited'] as const).map((kind, at) => ({
    ...{ id: ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'][at] ?? '', bytes: 1 },
    ...{ isCurrent: false, isPinned: false, isUsed: false },
    manifest: { ...exampleManifest, reuse: { kind, why: '' } },
  }));
  applications.update('web', { snapshots });
  starts.arrived('web', restoredFrom('aaaaaaaaaaaa'));
  starts.arrived('web', restoredFrom('cccccccccccc'));
  assert.deepEqual(
    applications.get('web').snapshots.map(({ isUsed }) => isUsed),
    [true, false, false],
  );
});

test('a plan that could not be read blames nobody but the snapshot that it is of', async () => {
  const { applications, starts, set } = open();
  const report = readReport([
    ['how', 'cold'],
    ['reason', 'plan-invalid'],
    ['failed', 'current plan-invalid line 1'],
    ['failed', 'aaaaaaaaaaaa plan-invalid line 1'],
  ]);
  assert.ok(report !== undefined);
  await starts.takeIn('web', report);
  assert.deepEqual(set, ['aaaaaaaaaaaa']);
  assert.equal(applications.get('web').setAside?.snapshot, 'aaaaaaaaaaaa');
});

test('a start that is remembered late does not take the place of a newer one', async () => {
  const { applications, starts } = open();
  const [first, second] = [restoredFrom('aaaaaaaaaaaa'), restoredFrom('bbbbbbbbbbbb')];
  starts.arrived('web', first);
  starts.arrived('web', second);
  await starts.remember('web', first);
  assert.equal(applications.get('web').outcome?.snapshot, 'bbbbbbbbbbbb');
});
