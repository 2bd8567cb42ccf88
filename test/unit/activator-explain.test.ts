// What an operator is told of a start: the reason, what became of the snapshot, and what to do, as things stand by now.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from '../../activator/explain/explain.js';
import { bakeProblem } from '../../activator/explain/problems.js';
import { causeOfRestore } from '../../activator/explain/restore-causes.js';
import type { Circumstances, SetAside, Situation } from '../../activator/explain/situation.js';
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

const setAside = (code: string, text: string, failure = ''): SetAside => ({
  ...{ snapshot: id, code, text, failure },
});

/** Of a cold boot for want of a snapshot, with what was known when it was taken in. */
const without = (then: Partial<Circumstances> | undefined, change: Partial<Situation> = {}) => {
  const outcome = outcomeOf(['how', 'cold'], ['reason', 'no-snapshot']);
  const nothing = { isEnabled: true, criu: '', hasSnapshots: false, stale: [], setAside: undefined };
  const circumstances = then === undefined ? undefined : { start: outcome, ...nothing, ...then };
  return explain(situationOf({ outcome, circumstances, ...change }));
};

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
  assert.match(advice({ automation: { kind: 'manual' } }), /Nothing bakes .*grenadine bake web/);
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
  assert.match(advice({ criu: '/usr/sbin/criu is missing' }), /until then each start is a cold boot/);
  const undeployed = { kind: 'undeployed', path: '/srv/web/current' } as const;
  for (const bake of [{ kind: 'idle' }, { ...failedBake, retryAtMs: 0 }] as const)
    assert.match(
      advice({ automation: undeployed, bake }),
      /(?!.*tried again at)Path= \(\/srv\/web\/current\) leads nowhere.*no snapshot is baked/,
    );
});

test('a snapshot is called set aside when it is, and not before', () => {
  const advice = (change: Partial<Situation>) => cold('ended-early', 'x', change).advice;
  assert.match(advice({ snapshots: [id] }), /is being set aside/);
  assert.match(advice({ setAside: setAside('ended-early', 'x') }), /was set aside/);
  const stuck: Partial<Situation> = {
    snapshots: [id],
    setAside: setAside('ended-early', 'x', 'EROFS'),
    automation: { kind: 'stored' },
  };
  assert.match(
    advice({ ...stuck, next: id }),
    /could not be set aside \(EROFS\): the next start tries it again\..* Nothing bakes a new snapshot by itself/,
  );
  assert.doesNotMatch(advice({ ...stuck, next: id }), /each start is a cold boot|Starts go on/);
  assert.match(advice({ ...stuck, next: 'ba9876543210' }), /\(EROFS\)\. Starts go on from ba9876543210\.$/);
  assert.match(advice({ ...stuck, snapshots: [] }), /serves no more, but could not be moved \(EROFS\)/);
  assert.match(
    advice({ bake: undefined }),
    /^(?!.*was set aside).*Unless the activator had set the snapshot aside/,
  );
});

test('a cold boot for want of a snapshot names what became of those that there were', () => {
  assert.match(without({}).reason, /no snapshot of what was deployed/);
  const stale = [`${id}: the CPU has other features`];
  assert.match(without({ hasSnapshots: true, stale }).reason, /other features/);
  const criu = '/usr/sbin/criu is missing';
  assert.match(without({ criu }, { criu }).reason, /criu is missing/);
  const { reason, advice } = without(
    { setAside: setAside('crash-loop', 'it ended 3 times') },
    { restarts: 4 },
  );
  assert.match(reason, /again and again \(it ended 3 times\)/);
  assert.match(advice, /^(?!.*started again).*were cut off/);
  assert.match(
    without({ setAside: setAside('damaged', 'pages-1.img differs') }).reason,
    /pages-1\.img differs/,
  );
  assert.match(cold('no-snapshot').reason, /folder of its snapshot was gone/);
});

test('a cold boot is not explained by what came about later, and what nobody knows is not told', () => {
  const damaged = setAside('damaged', 'pages-1.img differs');
  assert.match(without({}, { setAside: damaged }).reason, /no snapshot of what was deployed/);
  assert.match(without({}, { criu: '/usr/sbin/criu is missing' }).reason, /no snapshot of what was deployed/);
  assert.equal(without(undefined, { setAside: damaged }).reason, 'there was no snapshot that could serve');
  assert.match(cold('snapshot-stale').reason, /for another configuration, release, kernel or CRIU/);
  assert.equal(
    cold('no-criu', 'criu is missing').advice,
    'If that is so still, install CRIU 4.2 or newer. A new snapshot is baked by itself. Until there is one, each start is a cold boot.',
  );
});

test('where snapshots are switched off, nothing else is the reason, and nobody has to install anything', () => {
  const criu = '/usr/sbin/criu is missing';
  const off = without({ isEnabled: false, criu }, { isEnabled: false, criu });
  assert.deepEqual(off, {
    reason: 'snapshots were switched off (Enable=no)',
    advice: 'Each start is a cold boot.',
  });
  assert.match(without({ isEnabled: false }, { next: id }).advice, /Starts go on from/);
  const outcome = outcomeOf(['how', 'cold'], ['reason', 'no-criu'], ['detail', criu]);
  const noted: Circumstances = {
    ...{ start: outcome, isEnabled: false, criu, hasSnapshots: false, stale: [], setAside: undefined },
  };
  assert.deepEqual(explain(situationOf({ outcome, circumstances: noted, isEnabled: false, criu })), off);
  assert.doesNotMatch(explain(situationOf({ outcome, isEnabled: false, criu })).advice, /install/i);
});

test('a start that took several attempts says so, and where to look, restored or not', () => {
  const restored = outcomeOf(['how', 'restored'], ['snapshot', id]);
  assert.match(
    explain(situationOf({ outcome: restored, restarts: 1 })).advice,
    /started again: journalctl -u web/,
  );
  assert.equal(explain(situationOf({ outcome: restored })).advice, '');
  assert.match(cold('no-snapshot', '', { restarts: 3 }).advice, /^It runs now\. Why it was started again/);
  assert.match(cold('no-snapshot', '', { restarts: 3, isActive: false }).advice, /^Why it was started again/);
});

test('what the host refused is told by what it was', () => {
  assert.match(cold('host-refused', 'prepare: Read-only file system').advice, /ReadOnlyPaths=/);
  assert.match(cold('host-refused', 'criu was ended by SIGKILL').advice, /MemoryMax/);
  assert.match(cold('host-refused', "sfd: Can't chose service_fd_base: 0 38").advice, /LimitNOFILE/);
  assert.match(cold('host-refused', 'criu was ended by SIGXFSZ').advice, /LimitFSIZE/);
  assert.match(cold('host-refused', 'No space left on device').reason, /\/run is full/);
  assert.match(cold('host-refused', 'Resource temporarily unavailable').advice, /TasksMax/);
});

test('a failed bake is told by its cause where that is known, and when it is tried again', () => {
  const problem = (message: string) =>
    bakeProblem({ ...failedBake, message, retryAtMs: undefined }, 'web', { kind: 'bakes' });
  assert.match(
    problem('Error (criu/bfd.c:131): No space left on device'),
    /\(dump-failed\): the file system is full; what helps: .*not tried again/,
  );
  assert.match(problem('no answer'), /\(dump-failed\): no answer; it is not tried again/);
  assert.match(
    bakeProblem({ ...failedBake, retryAtMs: 0 }, 'web', { kind: 'manual' }),
    /nothing tries it again by itself \(Bake=manual\)/,
  );
  assert.match(
    bakeProblem({ ...failedBake, retryAtMs: 0 }, 'web', { kind: 'stored' }),
    /not tried again by itself, for a snapshot that fits is stored/,
  );
  assert.equal(bakeProblem({ kind: 'idle' }, 'web', { kind: 'bakes' }), '');
});
