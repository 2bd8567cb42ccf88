// Which snapshots may serve, and in which order they are tried.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createApplications,
  validSnapshots,
  ladder,
  type ApplicationState,
} from '../../activator/applications.js';
import { readIni } from '../../generator/config/ini-file.js';
import { readApplication } from '../../generator/config/read-application.js';
import type { StoredSnapshot } from '../../activator/store/store.js';
import { exampleCriu, exampleHost as host, exampleManifest } from './store-example.js';

const { configuration, release } = exampleManifest;

function stateOf(text: string, snapshots: readonly StoredSnapshot[]): ApplicationState {
  const read = readApplication('web', [readIni('web.conf', text)], { keep: 3 });
  assert.equal(read.kind, 'read');
  const applications = createApplications();
  applications.replaceConfiguration([read.application]);
  applications.update('web', { configuration, release, snapshots });
  return applications.get('web');
}

const minimal = '[Application]\nExecStart=/bin/a\nListenStream=80\n';

function snapshot(id: string, change: Partial<StoredSnapshot> = {}): StoredSnapshot {
  return {
    id,
    isCurrent: false,
    isPinned: false,
    isUsed: false,
    manifest: exampleManifest,
    bytes: 1,
    ...change,
  };
}

const ofOldRelease = { ...exampleManifest, release: { ...release, id: 'old', target: '/srv/old' } };

test('the current one is tried first, then the newest', () => {
  const state = stateOf(minimal, [
    snapshot('newest'),
    snapshot('current', { isCurrent: true }),
    snapshot('oldest'),
  ]);
  assert.deepEqual(ladder(state, host), ['current', 'newest', 'oldest']);
});

test('a pinned one goes before all, whatever release it is of', () => {
  const pinned = snapshot('pinned', { isPinned: true, manifest: ofOldRelease });
  const state = stateOf(minimal, [snapshot('current', { isCurrent: true }), pinned]);
  assert.deepEqual(ladder(state, host), ['pinned', 'current']);
});

test('a pin does not excuse another configuration or kernel', () => {
  const pinned = (change: Partial<typeof exampleManifest>): StoredSnapshot =>
    snapshot('pinned', { isPinned: true, manifest: { ...ofOldRelease, ...change } });
  assert.deepEqual(ladder(stateOf(minimal, [pinned({ configuration: '0'.repeat(16) })]), host), []);
  assert.deepEqual(ladder(stateOf(minimal, [pinned({})]), { ...host, kernel: 'another' }), []);
});

test('a pinned old release does not keep the deployed one from being baked', () => {
  const state = stateOf(minimal, [snapshot('pinned', { isPinned: true, manifest: ofOldRelease })]);
  assert.deepEqual(validSnapshots(state, host), []);
});

test('whether CRIU was exchanged is left to the launcher', () => {
  const state = stateOf(minimal, [snapshot('current', { isCurrent: true })]);
  const gone = { ...host, criu: { kind: 'missing', path: '/usr/sbin/criu' } } as const;
  assert.deepEqual(ladder(state, gone), ['current']);
  assert.deepEqual(validSnapshots(state, gone), []);
});

test('one that a CRIU has made that is too old is not used', () => {
  const criu = { ...exampleCriu, version: '4.1.1' };
  const manifest = { ...exampleManifest, host: { ...exampleManifest.host, criu } };
  assert.deepEqual(ladder(stateOf(minimal, [snapshot('old', { manifest })]), host), []);
});

test('one whose files have changed serves no more, pinned or not, and another one is wanted', () => {
  const state = stateOf(minimal, [
    snapshot('current', { isCurrent: true }),
    snapshot('pinned', { isPinned: true, manifest: ofOldRelease }),
  ]);
  const changes = [{ kind: 'gone', path: '/usr/lib/libssl.so.3' }] as const;
  const upgraded: ApplicationState = {
    ...state,
    changedFiles: new Map([
      ['current', changes],
      ['pinned', changes],
    ]),
  };
  assert.deepEqual(ladder(state, host), ['pinned', 'current']);
  assert.deepEqual(ladder(upgraded, host), []);
  assert.deepEqual(validSnapshots(upgraded, host), []);
});

test('one that a start has used up serves no more, pinned or not, and another one is wanted', () => {
  const used = snapshot('used', { isCurrent: true, isPinned: true, isUsed: true });
  const state = stateOf(minimal, [used, snapshot('fresh')]);
  assert.deepEqual(ladder(state, host), ['fresh']);
  assert.deepEqual(validSnapshots(stateOf(minimal, [used]), host), []);
});

test('one of which nobody knows whether its restores repeat each other is not used', () => {
  const manifest = { ...exampleManifest, reuse: undefined };
  assert.deepEqual(ladder(stateOf(minimal, [snapshot('old', { manifest })]), host), []);
});

test('Enable=no leaves nothing to try', () => {
  const state = stateOf(`${minimal}[Snapshot]\nEnable=no\n`, [snapshot('current', { isCurrent: true })]);
  assert.deepEqual(ladder(state, host), []);
});
