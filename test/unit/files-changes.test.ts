// Which changes of files make a snapshot stale, and what an operator is told of them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changeOf, describeChanges, type FileChange, type FileFacts } from '../../activator/files/changes.js';
import type { ManifestFile } from '../../activator/store/manifest.js';

const path = '/usr/lib/libssl.so.3';
const library: ManifestFile = { path, use: 'code', size: 10, mtimeSec: 100, buildId: 'ab', mappedEnd: 4096 };
const data: ManifestFile = { ...library, buildId: undefined };

function facts(change: Partial<FileFacts> = {}): FileFacts {
  return { size: 10, mtimeSec: 100, buildId: undefined, ...change };
}

function kindOf(file: ManifestFile, now: FileFacts | undefined): FileChange['kind'] | 'same' {
  return changeOf(file, now)?.kind ?? 'same';
}

describe('a mapped file', () => {
  const cases: readonly (readonly [
    rule: string,
    file: ManifestFile,
    now: FileFacts | undefined,
    kind: string,
  ])[] = [
    ['that is as it was has not changed', library, facts(), 'same'],
    ['that is gone has changed', library, undefined, 'gone'],
    ['of another size was replaced', library, facts({ size: 11, buildId: 'ab' }), 'replaced'],
    [
      'of the same size but another build was replaced',
      library,
      facts({ mtimeSec: 101, buildId: 'cd' }),
      'replaced',
    ],
    ['of the same build was only installed again', library, facts({ mtimeSec: 101, buildId: 'ab' }), 'same'],
    ['that lost its build-id was replaced', library, facts({ mtimeSec: 101 }), 'replaced'],
    ['without a build-id goes by its time', data, facts({ mtimeSec: 101 }), 'replaced'],
    [
      'that lay at no path when it was dumped is nobody’s concern',
      { ...data, mtimeSec: undefined },
      undefined,
      'same',
    ],
  ];
  for (const [rule, file, now, kind] of cases) {
    test(rule, () => {
      assert.equal(kindOf(file, now), kind);
    });
  }
});

describe('a file that is not computed from', () => {
  test('may change where the application writes it, but not go', () => {
    const file: ManifestFile = { ...data, use: 'written', size: undefined, mappedEnd: undefined };
    assert.equal(kindOf(file, facts({ size: 99, mtimeSec: 101 })), 'same');
    assert.equal(kindOf(file, facts({ size: 0, mtimeSec: 101 })), 'same');
    assert.equal(kindOf(file, undefined), 'gone');
    assert.equal(kindOf({ ...file, mtimeSec: undefined }, undefined), 'same');
  });

  test('may change where the application writes it by a mapping, but not be shorter than what is mapped', () => {
    const file: ManifestFile = { ...data, use: 'shared', size: undefined, mappedEnd: 4096 };
    assert.equal(kindOf(file, facts({ size: 4096, mtimeSec: 101 })), 'same');
    assert.equal(kindOf(file, facts({ size: 4095 })), 'resized');
  });

  test('may change but for its size where CRIU insists on that', () => {
    for (const use of ['read', 'shared'] as const) {
      assert.equal(kindOf({ ...data, use }, facts({ mtimeSec: 101 })), 'same');
      assert.equal(kindOf({ ...data, use }, facts({ size: 11 })), 'resized');
    }
  });
});

describe('what an operator is told', () => {
  const replaced = (name: string): FileChange => ({ kind: 'replaced', path: `/usr/lib/${name}` });

  test('is what became of each file', () => {
    assert.equal(
      describeChanges([
        replaced('a.so'),
        { kind: 'gone', path: '/usr/lib/b.so' },
        { kind: 'resized', path: '/srv/c', then: 1, now: 2 },
      ]),
      'a.so was replaced (/usr/lib/a.so); b.so is gone (/usr/lib/b.so); c had 1 bytes, it has 2 (/srv/c)',
    );
  });

  test('names three files of many', () => {
    const told = describeChanges(['a', 'b', 'c', 'd', 'e'].map(replaced));
    assert.match(told, /^a was .*; c was replaced \(\/usr\/lib\/c\); and 2 more files$/);
  });

  test('holds no control characters', () => {
    assert.equal(describeChanges([replaced('a\n\x1b[31m')]), 'a??[31m was replaced (/usr/lib/a??[31m)');
  });
});
