// What counts as an upgrade, and how long one has to rest. Time and files are handed in.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FileFacts } from '../../activator/files/changes.js';
import { compare, filesOf, newlyStale, restMs } from '../../activator/files/unrest.js';
import type { ManifestFile } from '../../activator/store/manifest.js';

const minuteMs = 60_000;

function snapshot(id: string, mtimeSec: number) {
  const library: ManifestFile = {
    ...{ path: '/lib/a.so', use: 'code', size: 1, mtimeSec, buildId: undefined, mappedEnd: 1 },
  };
  const deleted: ManifestFile = { ...library, path: '/tmp/a', use: 'written', mtimeSec: undefined };
  return { id, manifest: { files: [library, deleted] } };
}

function installed(mtimeSec: number): () => FileFacts {
  return () => ({ size: 1, mtimeSec, buildId: undefined });
}

describe('of the files of some snapshots', () => {
  test('only those that lay at their paths are looked at', () => {
    assert.deepEqual(
      filesOf([snapshot('one', 1)]).map(({ path }) => path),
      ['/lib/a.so'],
    );
  });

  test('a change makes those stale that were made with another one', () => {
    const { changed } = compare([snapshot('new', 2), snapshot('old', 1)], installed(2));
    assert.deepEqual([...changed.keys()], ['old']);
  });

  test('what is replaced twice looks another way each time, what is as it was looks like nothing happened', () => {
    const marks = [1, 2, 3].map((mtimeSec) => compare([snapshot('one', 1)], installed(mtimeSec)).mark);
    assert.equal(new Set(marks).size, 3);
    assert.equal(marks[0], compare([], installed(1)).mark);
  });

  test('only what was whole before is news', () => {
    const both = [snapshot('new', 2), snapshot('old', 1)];
    assert.deepEqual(newlyStale(compare(both, installed(2)), compare(both, installed(3))), ['new']);
  });
});

describe('an upgrade', () => {
  test('rests for five seconds', () => {
    assert.equal(restMs([], 0), 5000);
  });

  test('rests longer after each one within the hour, up to an hour', () => {
    const nowMs = 100 * minuteMs;
    assert.equal(restMs([nowMs - minuteMs], nowMs), 20_000);
    assert.equal(restMs([nowMs - 2 * minuteMs, nowMs - minuteMs], nowMs), 80_000);
    assert.equal(restMs(Array<number>(8).fill(nowMs - minuteMs), nowMs), 60 * minuteMs);
  });

  test('that is an hour ago is forgotten', () => {
    assert.equal(restMs([0], 61 * minuteMs), 5000);
  });
});
