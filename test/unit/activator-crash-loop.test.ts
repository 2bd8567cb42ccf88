// When a snapshot is to blame for an application that ends again and again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  describeLoop,
  isCrashLoop,
  nextStreak,
  noStreak,
  type Streak,
} from '../../activator/restore/crash-loop.js';
import { endingOf } from '../../activator/restore/ending.js';
import { readReport } from '../../activator/restore/outcome.js';

function start(streak: Streak, seconds: number, how = 'restored', snapshot = 'aaaaaaaaaaaa'): Streak {
  const report = readReport([
    ['how', how],
    ['snapshot', snapshot],
    ['realtime-us', String((1_000_000 + seconds) * 1_000_000)],
  ]);
  assert.ok(report !== undefined && report.how !== 'kept');
  return nextStreak(streak, report);
}

const streakOf = (...seconds: readonly number[]): Streak =>
  seconds.reduce((streak, second) => start(streak, second), noStreak);

test('four restores within half a minute, three of them by systemd itself, are a crash loop', () => {
  assert.equal(isCrashLoop(streakOf(0, 1, 2, 5), 3), true);
});

test('three restores are none yet, and neither are four that somebody asked for', () => {
  assert.equal(isCrashLoop(streakOf(0, 1, 2), 3), false);
  assert.equal(isCrashLoop(streakOf(0, 1, 2, 5), 0), false);
});

test('a crash now and then is none, however often it has happened', () => {
  assert.equal(isCrashLoop(streakOf(0, 3600, 7200, 10800, 14400), 100), false);
});

test('a cold boot or another snapshot ends the streak', () => {
  const three = streakOf(0, 1, 2);
  assert.equal(isCrashLoop(start(start(three, 3, 'cold'), 4), 9), false);
  assert.equal(isCrashLoop(start(three, 3, 'restored', 'bbbbbbbbbbbb'), 9), false);
});

test('a crash loop is told by how often it was restored, and how it ended last where that is known', () => {
  const streak = streakOf(0, 1, 2, 5);
  assert.equal(
    describeLoop(streak, 'was ended by SIGABRT'),
    'it was restored 4 times within seconds and ended each time; the last time it was ended by SIGABRT',
  );
  assert.equal(describeLoop(streak, ''), 'it was restored 4 times within seconds, and ended 3 times');
});

test('what systemd started again is told so, whether it had ended or never ran', () => {
  assert.equal(endingOf('web', { ended: '', restarts: 0 }), '');
  assert.equal(
    endingOf('web', { ended: 'ended with exit status 1', restarts: 0 }),
    'ended with exit status 1',
  );
  assert.match(
    endingOf('web', { ended: '', restarts: 3 }),
    /^systemd started it again 3 times, .*: journalctl -u web\.service$/,
  );
});
