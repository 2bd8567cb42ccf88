// What the launcher says: control replies, outcomes, and CRIU's log behind them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReply, readState } from '../../activator/control/control-reply.js';
import { switchProblem } from '../../activator/explain/problems.js';
import { readReport, type Outcome } from '../../activator/restore/outcome.js';

test('a state names every listener with its inode and address', () => {
  const state = readState(
    'ok how=bake init=4711 pid=2 stdout=101 stderr=102 listener=0,55,[::1]:40001 listener=1,56,127.0.0.1:40002 listener=2,57,/run/a%20b/2.sock',
  );
  assert.equal(state.initPid, 4711);
  assert.equal(state.stdoutInode, 101);
  assert.deepEqual(
    state.listeners.map(({ inode, address }) => [inode, address]),
    [
      [55, { kind: 'tcp', host: '::1', port: 40001 }],
      [56, { kind: 'tcp', host: '127.0.0.1', port: 40002 }],
      [57, { kind: 'unix', path: '/run/a b/2.sock' }],
    ],
  );
});

test('a state names the options of each listener that CRIU does not record', () => {
  const { listeners } = readState(
    'ok how=bake listener=0,55,127.0.0.1:4 option=0,6,9,07000000 listener=1,56,127.0.0.1:5 option=1,6,13,637562696300',
  );
  assert.deepEqual(
    listeners.map(({ options }) => options),
    [[{ level: 6, name: 9, value: '07000000' }], [{ level: 6, name: 13, value: '637562696300' }]],
  );
  assert.throws(() => readState('ok how=bake listener=0,55,127.0.0.1:4 option=0,6,9,x'), {
    code: 'launcher-error',
  });
});

test('a state names what the application has bound by itself, if anybody was asked', () => {
  const booted = readState('ok how=bake listener=0,55,127.0.0.1:4 asked=yes adopted=0 unnamed=77,[::]:9100');
  assert.deepEqual(booted.adopted, [0]);
  assert.deepEqual(booted.unnamed, [{ inode: 77, address: '[::]:9100' }]);
  assert.equal(readState('ok how=restored listener=0,55,127.0.0.1:4').unnamed, undefined);
  assert.throws(() => readState('ok how=bake asked=yes unnamed=x'), { code: 'launcher-error' });
});

test('a state says whose OpenSSL is not told to take our generator', () => {
  assert.equal(readState('ok how=bake listener=0,55,127.0.0.1:4 openssl=kept').keepsOpenssl, true);
  assert.equal(readState('ok how=bake listener=0,55,127.0.0.1:4').keepsOpenssl, false);
});

test('an idle workbench has no listener and no pipes', () => {
  const state = readState('ok how=idle');
  assert.deepEqual(
    [state.how, state.initPid, state.stdoutInode, state.listeners.length],
    ['idle', 0, undefined, 0],
  );
});

test('an error reply becomes an error with the launcher’s code', () => {
  assert.throws(() => readReply('error dump-failed criu exit 1'), {
    code: 'dump-failed',
    message: 'criu exit 1',
  });
});

test('a reply that is none is refused', () => {
  assert.throws(() => readReply('hello'), { code: 'launcher-error' });
  assert.throws(() => readState('ok how=bake listener=x,1,nowhere'), { code: 'launcher-error' });
  assert.throws(() => readState('ok how=bake listener=0,1,nowhere'), { code: 'launcher-error' });
});

/** Of a start; of a switch that failed it would throw. */
function outcomeOf(...pairs: readonly (readonly [string, string])[]): Outcome {
  const report = readReport(pairs);
  assert.ok(report !== undefined && report.how !== 'kept');
  return report;
}

test('an outcome keeps every failed rung and the phases’ times', () => {
  const outcome = outcomeOf(
    ['how', 'cold'],
    ['reason', 'restore-failed'],
    ['failed', '0123456789ab restore-failed Error (criu/files.c:1): no file\n0123456789ac restore-timeout'],
    ['ready-us', '1570000'],
  );
  assert.deepEqual(outcome.failed, [
    { snapshot: '0123456789ab', code: 'restore-failed', text: 'Error (criu/files.c:1): no file' },
    { snapshot: '0123456789ac', code: 'restore-timeout', text: '' },
  ]);
  assert.equal(outcome.timingsUs['ready'], 1_570_000);
});

test('a switch that failed says why, and which snapshots were tried', () => {
  const report = readReport([
    ['how', 'kept'],
    ['reason', 'restore-failed'],
    ['detail', 'failed to restore with criu'],
    ['failed', '0123456789ab restore-failed Error'],
  ]);
  assert.ok(report?.how === 'kept');
  assert.deepEqual(report.failed, [{ snapshot: '0123456789ab', code: 'restore-failed', text: 'Error' }]);
  assert.match(switchProblem(report), /what ran goes on \(restore-failed\): failed to restore/);
  assert.equal(switchProblem(undefined), '');
});

test('pairs that say neither restored nor cold nor kept are no report', () => {
  assert.equal(readReport([['how', 'magic']]), undefined);
  assert.equal(readReport([]), undefined);
});

test('nonsense in an outcome’s figures counts as zero', () => {
  const outcome = outcomeOf(
    ['how', 'restored'],
    ['snapshot', '0123456789ab'],
    ['ready-us', '-4'],
    ['criu-us', 'soon'],
  );
  assert.deepEqual([outcome.timingsUs['ready'], outcome.timingsUs['criu']], [0, 0]);
});
