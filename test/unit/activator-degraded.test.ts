// When an application is called degraded: snapshots are wanted, none may serve, and none could be made.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApplications, type ApplicationState } from '../../activator/applications.js';
import type { BakeState } from '../../activator/bake/bake-state.js';
import { degradedBy } from '../../activator/degraded.js';
import { namespaceProblem } from '../../activator/explain/problems.js';
import { readReport } from '../../activator/restore/outcome.js';
import { readIni } from '../../generator/config/ini-file.js';
import { readApplication } from '../../generator/config/read-application.js';
import { exampleCriu, exampleHost as host, exampleManifest } from './store-example.js';

const { configuration, release } = exampleManifest;
const minimal = '[Application]\nExecStart=/bin/a\nListenStream=80\n';
const valid = {
  id: 'a',
  isCurrent: true,
  isPinned: false,
  isUsed: false,
  manifest: exampleManifest,
  bytes: 1,
};
const failed: BakeState = {
  kind: 'failed',
  code: 'foreign-listener',
  message: 'it listens on 127.0.0.1:9100',
  attempts: 1,
  retryAtMs: 1,
};

function stateOf(change: Partial<ApplicationState>, text = minimal): ApplicationState {
  const read = readApplication('web', [readIni('web.conf', text)], { keep: 3 });
  assert.equal(read.kind, 'read');
  const applications = createApplications();
  applications.replaceConfiguration([read.application]);
  applications.update('web', { configuration, release, ...change });
  return applications.get('web');
}

test('an application without a snapshot is degraded once a bake has failed, and says why', () => {
  assert.equal(degradedBy(stateOf({}), host, true), '');
  assert.match(degradedBy(stateOf({ bake: failed, failedBakes: 1 }), host, true), /foreign-listener.*9100/);
});

test('it stays degraded while another bake is tried', () => {
  const running = { kind: 'running', phase: 'booting', detail: '' } as const;
  assert.match(
    degradedBy(stateOf({ bake: running, failedBakes: 1 }), host, true),
    /another one is under way/,
  );
  assert.equal(degradedBy(stateOf({ bake: running, failedBakes: 0 }), host, true), '');
});

test('it is not degraded while a snapshot may serve, whatever became of the last bake', () => {
  assert.equal(degradedBy(stateOf({ bake: failed, failedBakes: 1, snapshots: [valid] }), host, true), '');
});

test('it is degraded where the launcher will refuse what is stored, for another CRIU made it', () => {
  const criu = { kind: 'present', identity: { ...exampleCriu, size: 2, version: '4.3' } } as const;
  const upgraded = { ...host, criu };
  assert.match(
    degradedBy(stateOf({ snapshots: [valid] }), upgraded, false),
    /a: CRIU was 4\.2\.1, it is 4\.3.*Bake=manual/,
  );
  const after = { bake: failed, failedBakes: 1, snapshots: [valid] };
  assert.match(degradedBy(stateOf(after), upgraded, true), /foreign-listener/);
});

test('it is degraded while Path= leads nowhere, unless a snapshot serves all the same', () => {
  const undeployed = { id: '-', path: '/srv/web/current', target: undefined };
  const degraded = degradedBy(stateOf({ release: undeployed, snapshots: [valid] }), host, true);
  assert.match(degraded, /^Path= \(\/srv\/web\/current\) leads nowhere/);
  const pinned = [{ ...valid, isPinned: true }];
  assert.equal(degradedBy(stateOf({ release: undeployed, snapshots: pinned }), host, true), '');
});

test('on a host without a CRIU that may be used it is degraded, whatever is stored, and says why', () => {
  const path = '/usr/sbin/criu';
  for (const [criu, said] of [
    [{ kind: 'missing', path }, /^\/usr\/sbin\/criu is missing$/],
    [{ kind: 'broken', path }, /^\/usr\/sbin\/criu is there but does not run/],
    [
      { kind: 'too-old', path, version: '3.17.1' },
      /^\/usr\/sbin\/criu is version 3\.17\.1, but 4\.2 or newer/,
    ],
  ] as const)
    assert.match(degradedBy(stateOf({ snapshots: [valid] }), { ...host, criu }, true), said);
});

test('one that may make no namespaces is degraded, whatever is stored, and its problem says the same', () => {
  const plain = 'failed to change its root (pivot_root(2)): Operation not permitted';
  const outcome = readReport([
    ['how', 'cold'],
    ['plain', plain],
  ]);
  assert.ok(outcome?.how === 'cold');
  const state = stateOf({ snapshots: [valid], outcome });
  assert.ok(degradedBy(state, host, true).includes(plain));
  assert.equal(degradedBy(state, host, true), namespaceProblem(outcome));
});

test('it is not degraded where nobody wants snapshots', () => {
  const state = stateOf({ bake: failed, failedBakes: 1 }, `${minimal}[Snapshot]\nEnable=no\n`);
  assert.equal(degradedBy(state, { ...host, criu: { kind: 'missing', path: '/usr/sbin/criu' } }, true), '');
});

test('who bakes by hand is told when what there was may not serve any more, and not before there was something', () => {
  const stale = { ...valid, manifest: { ...exampleManifest, configuration: 'another' } };
  assert.equal(degradedBy(stateOf({}), host, false), '');
  assert.equal(degradedBy(stateOf({ snapshots: [stale] }), host, true), '');
  assert.match(degradedBy(stateOf({ snapshots: [stale] }), host, false), /Bake=manual/);
});
