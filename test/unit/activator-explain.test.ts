// What an operator is told of a start: the reason, what became of the snapshot, and what to do, as things stand by now.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from '../../activator/explain/explain.js';
import { bakeProblem } from '../../activator/explain/problems.js';
import { causeOfRestore } from '../../activator/explain/restore-causes.js';
import type { Situation } from '../../activator/explain/situation.js';
import { readReport, type Outcome } from '../../activator/restore/outcome.js';
import { exampleSituation } from './explain-example.js';

const id = '0123456789ab';
const failedBake = { kind: 'failed', code: 'dump-failed', message: 'Error', attempts: 1 } as const;

function outcomeOf(...pairs: readonly (readonly [string, string])[]): Outcome {
  const report = readReport(pairs);
  assert.ok(report !== undefined && report.how !== 'kept');
  return report;
}

const situationOf = (change: Partial<Situation>): Situation => ({ ...exampleSituation, ...change });

const cold = (reason: string, detail = '', change: Partial<Situation> = {}) =>
  explain(
    situationOf({
      outcome: outcomeOf(
        ['how', 'cold'],
        ['reason', reason],
        ['detail', detail],
        ['failed', `${id} ${reason} ${detail}`],
      ),
      ...change,
    }),
  );

const setAside = (code: string, text: string, failure = '') => ({ snapshot: id, code, text, failure });

test('what has not been started is explained by that', () => {
  assert.match(explain(situationOf({})).advice, /systemctl start web/);
});

test('a reason that nobody knows is told by its code, and so is one that every object has a member of', () => {
  assert.equal(cold('something-new').reason, 'something-new');
  assert.match(cold('something-new').advice, /journalctl -u web\.service/);
  assert.equal(cold('__proto__').reason, '__proto__');
});

test('a restore that failed for want of a file names the file', () => {
  const detail =
    "failed to restore with criu: Error (criu/files-reg.c:2353): Can't open file srv/app/log on restore: No such file or directory; Error (criu/cr-restore.c:2331): Restoring FAILED.";
  assert.match(cold('restore-failed', detail).reason, /^\/srv\/app\/log, .*No such file or directory$/);
});

test('CRIU’s words for a damaged image and for a replaced file are put into an operator’s', () => {
  const reason = (errors: string) => causeOfRestore(errors)?.reason;
  assert.equal(
    reason(
      'Error (criu/util.c:1): Read 1728 bytes while 3468 expected from /var/lib/x/criu/mm-2.img: No such file',
    ),
    'a file of the snapshot is missing or damaged (mm-2.img)',
  );
  assert.equal(
    reason("Error (criu/image.c:1): Head magic doesn't match for files.img"),
    'a file of the snapshot is missing or damaged (files.img)',
  );
  assert.equal(
    reason('Error (criu/protobuf.c:72): Unexpected EOF on (empty-image)'),
    'a file of the snapshot is missing or damaged',
  );
  assert.equal(
    reason('Error (criu/files-reg.c:1): File srv/app/lib.so has bad build-ID; Error (x)'),
    '/srv/app/lib.so was replaced by another build after the snapshot was made',
  );
  assert.equal(
    reason('Error (criu/files-reg.c:1): File srv/app/words.dat has bad size 9 (expect 7); Error (x)'),
    '/srv/app/words.dat has another size than when the snapshot was made: it was replaced, or written to',
  );
  assert.match(
    reason('failed to restore with criu: criu was ended by SIGABRT, and left') ?? '',
    /CRIU itself crashed \(SIGABRT\)/,
  );
  assert.equal(reason('criu was ended by SIGKILL, and left no error in its log'), undefined);
  assert.equal(reason('Error (criu/cr-restore.c:1): Restoring FAILED.'), undefined);
});

test('a bake is promised only where there will be one', () => {
  const advice = (change: Partial<Situation>) => cold('restore-failed', 'x', change).advice;
  assert.match(
    advice({}),
    /A new snapshot is baked by itself\. Until there is one, each start is a cold boot/,
  );
  assert.match(advice({ isAutomatic: false }), /Nothing bakes .*grenadine bake web/);
  assert.match(advice({ isEnabled: false }), /Enable=no/);
  assert.match(
    advice({ bake: { kind: 'running', phase: 'warming', detail: '3/20' } }),
    /being baked \(warming 3\/20\)/,
  );
  assert.match(
    advice({ bake: { ...failedBake, retryAtMs: undefined } }),
    /not tried again by itself: grenadine doctor web/,
  );
  assert.match(advice({ bake: { ...failedBake, retryAtMs: 0 } }), /tried again at \d\d:\d\d:\d\d/);
  assert.match(advice({ next: 'ba9876543210' }), /Starts go on from ba9876543210/);
  assert.match(advice({ criu: '/usr/sbin/criu is missing' }), /Until then each start is a cold boot/);
});

test('a snapshot is called set aside when it is, and not before', () => {
  const advice = (change: Partial<Situation>) => cold('ended-early', 'x', change).advice;
  assert.match(advice({ snapshots: [id] }), /is being set aside/);
  assert.match(advice({ setAside: setAside('ended-early', 'x') }), /was set aside/);
  assert.match(
    advice({ snapshots: [id], setAside: setAside('ended-early', 'x', 'EROFS') }),
    /could not be set aside \(EROFS\): it is tried again/,
  );
});

test('a cold boot for want of a snapshot names what became of those that there were', () => {
  const without = (change: Partial<Situation>) =>
    explain(situationOf({ outcome: outcomeOf(['how', 'cold'], ['reason', 'no-snapshot']), ...change }));
  assert.match(without({}).reason, /no snapshot of what is deployed/);
  assert.match(
    without({ snapshots: [id], stale: [`${id}: the CPU has other features`] }).reason,
    /other features/,
  );
  assert.match(without({ criu: '/usr/sbin/criu is missing' }).reason, /criu is missing/);
  const { reason, advice } = without({ setAside: setAside('crash-loop', 'it ended 3 times'), restarts: 4 });
  assert.match(reason, /again and again \(it ended 3 times\)/);
  assert.match(advice, /were cut off/);
  assert.match(
    without({ setAside: setAside('damaged', 'pages-1.img differs') }).reason,
    /pages-1\.img differs/,
  );
  assert.match(cold('no-snapshot').reason, /folder of its snapshot was gone/);
});

test('a start that took several attempts says so, and where to look, restored or not', () => {
  const restored = outcomeOf(['how', 'restored'], ['snapshot', id]);
  assert.match(
    explain(situationOf({ outcome: restored, restarts: 1 })).advice,
    /started again: journalctl -u web/,
  );
  assert.equal(explain(situationOf({ outcome: restored })).advice, '');
  assert.match(cold('no-snapshot', '', { restarts: 3 }).advice, /^It runs now\. Why it was started again/);
});

test('what the host refused is told by what it was', () => {
  assert.match(cold('host-refused', 'prepare: Read-only file system').advice, /ReadOnlyPaths=/);
  assert.match(cold('host-refused', 'criu was ended by SIGKILL').advice, /MemoryMax/);
  assert.match(cold('host-refused', 'No space left on device').reason, /\/run is full/);
  assert.match(cold('host-refused', 'Resource temporarily unavailable').advice, /TasksMax/);
});

test('a failed bake is told by its cause where that is known, and when it is tried again', () => {
  const problem = (message: string) =>
    bakeProblem({ ...failedBake, message, retryAtMs: undefined }, 'web', true);
  assert.match(
    problem('Error (criu/bfd.c:131): No space left on device'),
    /\(dump-failed\): the file system is full; what helps: .*not tried again/,
  );
  assert.match(problem('no answer'), /\(dump-failed\): no answer; it is not tried again/);
  assert.match(
    bakeProblem({ ...failedBake, retryAtMs: 0 }, 'web', false),
    /nothing tries it again by itself \(Bake=manual\)/,
  );
  assert.equal(bakeProblem({ kind: 'idle' }, 'web', true), '');
});
