// CHANGELOG.md as the packager reads it, and the Debian changelog that is made of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GrenadineError } from '../../generator/config/error.js';
import { parseChangelog, releaseEpoch, renderDebianChangelog } from '../../units/package/changelog.js';

const two = `grenadine 0.2.0
===============

Released: 2026-12-24

Enhancements:

  * One thing
    on two lines.

Bug fixes:

  * Another.

grenadine 0.1.0
===============

Released: 2026-11-22

  * First.
`;

test('releases keep their order, bullets are joined, headings are left out', () => {
  assert.deepEqual(parseChangelog(two), [
    { version: '0.2.0', released: '2026-12-24', changes: ['One thing on two lines.', 'Another.'] },
    { version: '0.1.0', released: '2026-11-22', changes: ['First.'] },
  ]);
});

test('a Debian changelog has one entry a release, in the form of deb-changelog(5)', () => {
  const rendered = renderDebianChangelog('grenadine', 'A <a@b.c>', parseChangelog(two).slice(1));
  const entry = [
    'grenadine (0.1.0) unstable; urgency=medium',
    '',
    '  * First.',
    '',
    ' -- A <a@b.c>  Sun, 22 Nov 2026 00:00:00 +0000',
    '',
  ];
  assert.equal(rendered, entry.join('\n'));
});

test('no line of a Debian changelog is longer than 80 columns', () => {
  const long = [{ version: '1.0.0', released: '2026-11-22', changes: ['word '.repeat(60).trim()] }];
  const lines = renderDebianChangelog('grenadine', 'A <a@b.c>', long).split('\n');
  assert.deepEqual(
    lines.filter((line) => line.length > 80),
    [],
  );
  assert.equal(lines.join(' ').match(/word/g)?.length, 60);
});

test('a release without a date is refused', () => {
  assert.throws(
    () => parseChangelog('grenadine 0.1.0\n\n  * First.\n'),
    (error) => error instanceof GrenadineError && error.code === 'bad-changelog',
  );
});

test('the newest release of CHANGELOG.md is that of package.json, and not in the future', () => {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const [newest] = parseChangelog(readFileSync(`${root}/CHANGELOG.md`, 'utf8'));
  assert(newest !== undefined && newest.changes.length > 0);
  assert(readFileSync(`${root}/package.json`, 'utf8').includes(`"version": "${newest.version}"`));
  assert(releaseEpoch(newest) * 1000 <= Date.now());
});
