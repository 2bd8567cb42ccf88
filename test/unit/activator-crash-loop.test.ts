// When a snapshot is to blame for an application that ends again and again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCrashLoop, nextStreak, noStreak, type Streak } from '../../activator/restore/crash-loop.js';
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
